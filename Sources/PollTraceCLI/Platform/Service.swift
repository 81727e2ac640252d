import CLinux
import PollTrace
import PollTraceCapture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What wakes a process that lives until a signal ends it.
struct ServiceEvents: ~Copyable {
  /// Readable when there is something to look for.
  let descriptor: Int32

  /// Takes the signals that end a process; before other threads are made.
  ///
  /// - Throws: `Output.Failure`.
  init() throws {
    descriptor = linux_service_events()
    guard descriptor >= 0 else {
      throw Output.Failure(description: "signals cannot be awaited: \(SystemError.last.text)")
    }
  }

  deinit { close(descriptor) }

  /// Whether a signal that is to end the process has come; calls are taken.
  func isEnded() -> Bool {
    linux_service_called()
    return linux_service_signal() != 0
  }

  /// Wakes who waits for the descriptor, from any thread.
  static func call() { linux_service_call() }
}

/// The rights of this process.
enum Capabilities {
  /// Gives up all but what looking into other users' processes needs; before other threads are made.
  ///
  /// - Throws: `Output.Failure`.
  static func keepOnlyLooking() throws {
    guard linux_keep_only_looking() == 0 else {
      throw Output.Failure(
        description: "capabilities cannot be given up: \(SystemError.last.text)")
    }
  }
}

/// The time of day.
enum WallClock {
  /// Seconds since 1970, UTC.
  static var now: UInt64 { UInt64(clamping: time(nil)) }
}

/// What systemd tells a service of (sd_listen_fds(3)).
enum ServiceManager {
  /// How many sockets it has opened for this process, from descriptor 3 on.
  static var sockets: Int {
    func number(_ name: String) -> Int? {
      unsafe getenv(name).flatMap { unsafe Int(String(cString: $0)) }
    }
    guard number("LISTEN_PID") == Int(getpid()), let count = number("LISTEN_FDS") else { return 0 }
    return max(0, min(count, 64))
  }
}
