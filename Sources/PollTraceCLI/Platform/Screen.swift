import CLinux
import PollTrace
import PollTraceCapture
import PollTraceReport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The terminal as a screen that is drawn over, given back when it goes away or the process crashes.
struct Screen: ~Copyable {
  /// Readable when there are keys or signals.
  let events: Int32

  /// Takes the terminal.
  ///
  /// - Throws: `Output.Failure` where standard input and output are no terminal that can be taken.
  init() throws {
    events = linux_screen_events()
    guard events >= 0, linux_screen_begin() == 0 else {
      throw Output.Failure(
        description: "the terminal cannot be used: \(SystemError.last.text)\n  "
          + "Ask for tables: --batch")
    }
  }

  deinit {
    linux_screen_end()
    close(events)
  }

  /// What asked for something.
  enum Event {
    case resized
    /// Stopped and continued: all is to be drawn anew.
    case continued
    /// The signal that is to end the process.
    case ended(Int32)
  }

  /// The signals that have come.
  ///
  /// A signal that stops the process stops it here, after `beforeStop` and with the terminal given back
  /// meanwhile.
  func signals(beforeStop: () -> Void) -> [Event] {
    var events: [Event] = []
    while true {
      let signal = linux_screen_signal()
      switch signal {
      case 0: return events
      case SIGWINCH: events.append(.resized)
      case SIGTSTP:
        beforeStop()
        linux_screen_end()
        linux_stop_here()
        _ = linux_screen_begin()
        events.append(.continued)
      case SIGCONT:
        // Stopped by SIGSTOP, which cannot be seen: others may have used the terminal meanwhile.
        linux_screen_end()
        _ = linux_screen_begin()
        events.append(.continued)
      default: events.append(.ended(signal))
      }
    }
  }

  /// The bytes of the keys that were pressed; nil where there is no more input to come.
  func keys() -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe read(STDIN_FILENO, $0.baseAddress, 256)
    }
    // Of a terminal without waiting (VMIN 0) nothing means nothing yet; of one that is gone, an error.
    guard count >= 0 || errno == EINTR || errno == EAGAIN else { return nil }
    return Array(bytes.prefix(max(0, count)))
  }

  /// Columns and lines; 80 and 24 where the terminal does not say.
  static var size: (columns: Int, lines: Int) {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), max(1, Int(size.ws_row)))
  }

  /// Shows `lines`; false where the terminal is gone.
  ///
  /// In one write, which terminals that know it show at once (synchronized update, mode 2026).
  /// Each part of it waits for room first (`waitForRoom`): a terminal may be held (Ctrl-S).
  func show(
    _ lines: [TopScreen.Line], isColoured: Bool, _ waitForRoom: (Int32) throws -> Void
  ) rethrows -> Bool {
    var text = "\u{1b}[?2026h\u{1b}[H"
    for (number, line) in lines.enumerated() {
      if number > 0 { text += "\r\n" }
      let shown = Terminal.spelt(line.text)
      switch line.emphasis {
      case .none: text += shown
      case .bold: text += isColoured ? "\u{1b}[1m\(shown)\u{1b}[0m" : shown
      case .selected: text += isColoured ? "\u{1b}[7m\(shown)\u{1b}[0m" : shown
      }
      text += "\u{1b}[K"
    }
    var rest = Array((text + "\u{1b}[J\u{1b}[?2026l").utf8)[...]
    while !rest.isEmpty {
      try waitForRoom(STDOUT_FILENO)
      guard (try? File.write(Array(rest.prefix(1_024)), to: STDOUT_FILENO)) != nil else {
        return false
      }
      rest = rest.dropFirst(1_024)
    }
    return true
  }

  /// Ends the process by `signal`, with the terminal given back.
  static func end(by signal: Int32) {
    linux_screen_end()
    linux_end_by(signal)
  }
}

/// Signals of a command that prints and holds something that is to be given back: asked for, instead of
/// taken when they come.
struct AskedSignals: ~Copyable {
  /// Readable when there are some.
  let events: Int32

  init() { events = linux_signal_events() }

  /// The signal that is to end the process, if one has come; one that stops it stops it here, after
  /// `beforeStop`.
  func end(beforeStop: () -> Void) -> Int32? {
    while true {
      let signal = linux_screen_signal()
      switch signal {
      case 0: return nil
      case SIGWINCH, SIGCONT: continue
      case SIGTSTP:
        beforeStop()
        linux_stop_here()
      default: return signal
      }
    }
  }
}

/// Time that this process itself takes.
enum OwnTime {
  /// CPU time of the processes that it started and that have ended.
  static var children: Nanoseconds {
    var usage = rusage()
    guard unsafe getrusage(RUSAGE_CHILDREN.rawValue, &usage) == 0 else { return 0 }
    return [usage.ru_utime, usage.ru_stime].reduce(.zero) { sum, time in
      sum + Nanoseconds(UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1_000)
    }
  }

  /// CPU time of all its threads.
  static var cpu: Nanoseconds {
    var time = timespec()
    guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
    return Nanoseconds(UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
  }
}
