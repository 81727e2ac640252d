import CLinux
package import PollTrace
import PollTraceCapture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Other programs, and this one once more.
package enum Program {
  /// This program's own file, also where it was moved since.
  package static var own: OSString {
    let path = (try? Paths.link("/proc/self/exe")) ?? ""
    // Replaced by another version: that knows the command as well.
    return OSString(path.hasSuffix(" (deleted)") ? String(path.dropLast(10)) : path)
  }

  /// Runs a program to its end, without its words; its exit code, nil where it cannot be started.
  static func run(_ words: [OSString]) -> Int32? {
    (try? ChildProcess(words, .output(to: nil)))?.finish()?.status
  }

  /// Starts a program in a session of its own, and waits until it has written to its standard output.
  ///
  /// - Throws: where it cannot be started, or ends or is silent for 10 s instead.
  static func start(_ words: [OSString]) throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    guard unsafe linux_pipe(&ends, 4_096) > 0 else { throw .last }
    let output = File(owning: ends[0])
    let process: ChildProcess
    do {
      defer { close(ends[1]) }
      process = try ChildProcess(words, .output(to: ends[1]), isOwnSession: true)
    }
    var wait = [pollfd(fd: output.descriptor, events: Int16(POLLIN), revents: 0)]
    guard unsafe poll(&wait, 1, 10_000) == 1, try !output.read(upTo: 1).isEmpty else {
      process.end(patience: 0)
      throw SystemError(code: ECHILD)
    }
  }

  /// The value of the environment's variable `name`.
  static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  /// Who runs this: the user that sudo was called by, else the one logged in, else the user's number.
  static var user: String {
    for name in ["SUDO_USER", "LOGNAME", "USER"] {
      if let user = environment(name), !user.isEmpty { return user }
    }
    return getuid() == 0 ? "root" : "user \(getuid())"
  }

  /// Has this process outlive what started it: no open files but the standard ones, no folder in use, the
  /// terminal's end ignored, and the last to be killed where memory runs out.
  package static func detach() {
    linux_close_from(3)
    _ = unsafe chdir("/")
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU] {
      Glibc.signal(signal, SIG_IGN)
    }
    var ends = sigset_t()
    unsafe sigemptyset(&ends)
    unsafe sigaddset(&ends, SIGTERM)
    unsafe pthread_sigmask(SIG_BLOCK, &ends, nil)
    try? ParameterFile.write("-1000", to: "/proc/self/oom_score_adj")
  }

  /// Says on standard output that it is ready, and lets go of it.
  package static func sayReady() {
    try? File.write(Array("ready\n".utf8), to: STDOUT_FILENO)
    close(STDOUT_FILENO)
    _ = unsafe open("/dev/null", O_WRONLY)
  }

  /// Waits for `length`; true where SIGTERM has come meanwhile, which `detach` keeps from ending this.
  static func waitOrTerminated(_ length: Nanoseconds) -> Bool {
    var ends = sigset_t()
    unsafe sigemptyset(&ends)
    unsafe sigaddset(&ends, SIGTERM)
    var limit = timespec(
      tv_sec: Int(length.rawValue / 1_000_000_000), tv_nsec: Int(length.rawValue % 1_000_000_000))
    return unsafe sigtimedwait(&ends, nil, &limit) == SIGTERM
  }
}
