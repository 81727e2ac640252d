import CLinux
package import PollTrace

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
  /// What ends a recording.
  private static let ends = [SIGINT, SIGTERM, SIGHUP]
  private var set = sigset_t()
  private var before = sigset_t()

  init() {
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGCHLD)
    for signal in Self.ends where !Self.isIgnored(signal) { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, &before)
    // Whoever reads what we say may go away; that must not cut a recording off.
    signal(SIGPIPE, SIG_IGN)
    // A limit of a file's size (ulimit -f) is met as a full disk is.
    signal(SIGXFSZ, SIG_IGN)
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

/// Another program that this process has started: a command that runs while recording, a guard, systemctl.
///
/// A child keeps its process id until its parent has waited for it, and SIGCHLD is not ignored: so that id is
/// the child's until `ended()` says so, and is not used afterwards. Signals go through a pidfd where there are any (Linux 5.3), so that they reach the child or nobody, even
/// where somebody else has waited for it.
package final class ChildProcess {
  /// Nil when it has ended.
  private var process: pid_t?
  /// Its descriptor; -1 where the kernel has none.
  private let descriptor: Int32

  /// How a command ended.
  package struct End: Hashable, Sendable {
    /// The exit status (128 + signal where one ended it); nil where somebody else took it.
    package var status: Int32?
  }

  /// Where its standard input, output and errors lead.
  package enum Streams {
    /// To those of this process.
    case inherited
    /// What it prints goes to a descriptor, and it has nothing to read.
    case talk(to: Int32)
    /// The same without errors; without a descriptor nothing it prints goes anywhere.
    case output(to: Int32?)
  }

  /// In a session of its own (spawn.h; Swift does not import it).
  private static let setsid: Int32 = 0x80

  /// Starts `words` with the signals it would have without us.
  package init(
    _ words: [OSString], _ streams: Streams = .inherited, isOwnSession: Bool = false
  ) throws(SystemError) {
    // Where whoever started us ignores the ends of children, as supervisors do, the kernel would take a
    // child away at its end: we would not hear of it, and its process id might become another's.
    signal(SIGCHLD, SIG_DFL)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    var usual = sigset_t()
    unsafe sigemptyset(&usual)
    for signal in [SIGPIPE, SIGXFSZ] { unsafe sigaddset(&usual, signal) }
    unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
    unsafe posix_spawnattr_setflags(
      &attributes,
      Int16(
        POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (isOwnSession ? Self.setsid : 0)))
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0.c) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe Self.lead(streams, &actions)
    var process: pid_t = 0
    let code = unsafe posix_spawnp(
      &process, words.first?.c ?? [0], &actions, &attributes, &arguments, environ)
    guard code == 0 else { throw SystemError(code: code) }
    self.process = process
    descriptor = linux_process(process)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func lead(_ streams: Streams, _ actions: inout posix_spawn_file_actions_t) {
    let leads: [(file: Int32, to: Int32?)]
    switch streams {
    case .inherited: return
    case .talk(let talk): leads = [(STDOUT_FILENO, talk), (STDERR_FILENO, talk)]
    case .output(let output): leads = [(STDOUT_FILENO, output), (STDERR_FILENO, nil)]
    }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for (file, target) in leads {
      if let target {
        unsafe posix_spawn_file_actions_adddup2(&actions, target, file)
      } else {
        unsafe posix_spawn_file_actions_addopen(&actions, file, "/dev/null", O_WRONLY, 0)
      }
    }
  }

  private func send(_ signal: Int32) {
    if descriptor >= 0 {
      _ = linux_signal(descriptor, signal)
    } else if let process {
      kill(process, signal)
    }
  }

  /// How it ended, said once; nil where it still runs.
  func ended() -> End? { wait(WNOHANG) }

  /// Waits until it ends by itself.
  package func finish() -> End? { wait(0) }

  private func wait(_ flags: Int32) -> End? {
    guard let process else { return nil }
    var status: Int32 = 0
    while true {
      let waited = unsafe waitpid(process, &status, flags)
      if waited < 0, errno == EINTR { continue }
      guard waited != 0 else { return nil }
      self.process = nil
      return End(status: waited == process ? Self.status(status) : nil)
    }
  }

  /// Ends it with SIGTERM and waits; with SIGKILL where it is still there after `patience` ns.
  @discardableResult
  package func end(patience: Nanoseconds = 5_000_000_000) -> End? {
    let limit = Machine.now + patience
    if process != nil { send(SIGTERM) }
    while process != nil {
      if let end = ended() { return end }
      if Machine.now < limit {
        usleep(5_000)
      } else {
        send(SIGKILL)
        return wait(0)
      }
    }
    return nil
  }

  private static func status(_ raw: Int32) -> Int32 {
    raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
  }
}
