import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A thread of the system, for work that waits.
final class SystemThread {
  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private let thread: pthread_t

  /// Starts `body`.
  init(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let work = unsafe Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { raw in
      guard let raw = unsafe raw else { return nil }
      unsafe Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body()
      return nil
    }
    let code = unsafe pthread_create(&thread, nil, run, work.toOpaque())
    guard code == 0 else {
      unsafe work.release()
      throw SystemError(code: code)
    }
    self.thread = thread
  }

  /// Waits for the body's end; called once.
  func join() { pthread_join(thread, nil) }
}

/// Signals that are kept from interrupting and are asked for instead.
///
/// Threads started meanwhile inherit the state.
struct BlockedSignals: ~Copyable {
  /// What ends a recording, and the end of a child.
  private static let held = [SIGINT, SIGTERM, SIGHUP, SIGCHLD]
  private var set = sigset_t()
  private var before = sigset_t()

  init() {
    unsafe sigemptyset(&set)
    for signal in Self.held where !Self.isIgnored(signal) { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, &before)
    // Whoever reads what we say may go away; that must not cut a recording off.
    signal(SIGPIPE, SIG_IGN)
  }

  deinit {
    var (set, before) = (set, before)
    // What came while the recording was brought to its end asked for nothing else: a second Ctrl-C must
    // not take the last words away.
    var none = timespec()
    while unsafe sigtimedwait(&set, nil, &none) > 0 {}
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  /// The next of the signals, waited for at most `length`; nil where none came.
  mutating func next(within length: Nanoseconds) -> Int32? {
    var limit = timespec(
      tv_sec: Int(length.rawValue / 1_000_000_000), tv_nsec: Int(length.rawValue % 1_000_000_000))
    let signal = unsafe sigtimedwait(&set, nil, &limit)
    return signal > 0 ? signal : nil
  }

  /// Whether whoever started us wants it ignored, as nohup does.
  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(signal, nil, &action) == 0 else { return false }
    // SIG_IGN is 1 (asm-generic/signal-defs.h); Swift does not import it.
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }

  static func isChild(_ signal: Int32) -> Bool { signal == SIGCHLD }

  /// The name people know a signal by.
  static func name(_ signal: Int32) -> String {
    switch signal {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    default: "signal \(signal)"
    }
  }
}

/// A command that runs while recording.
final class ChildProcess {
  let process: pid_t

  /// Starts `words` with the signals it would have without us.
  init(_ words: [String]) throws(SystemError) {
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    var broken = sigset_t()
    unsafe sigemptyset(&broken)
    unsafe sigaddset(&broken, SIGPIPE)
    unsafe posix_spawnattr_setsigdefault(&attributes, &broken)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let code = unsafe posix_spawnp(
      &process, words.first ?? "", nil, &attributes, &arguments, environ)
    guard code == 0 else { throw SystemError(code: code) }
    self.process = process
  }

  /// The exit status (128 + signal where one ended it), or nil where it still runs.
  func ended() -> Int32? {
    var status: Int32 = 0
    guard unsafe waitpid(process, &status, WNOHANG) == process else { return nil }
    return Self.status(status)
  }

  /// Ends it with SIGTERM and waits; with SIGKILL where it is still there after `patience` ns.
  func end(patience: Nanoseconds = 5_000_000_000) {
    let limit = Machine.now + patience
    kill(process, SIGTERM)
    while ended() == nil {
      guard Machine.now < limit else {
        kill(process, SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        return
      }
      usleep(5_000)
    }
  }

  private static func status(_ raw: Int32) -> Int32 {
    raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
  }
}
