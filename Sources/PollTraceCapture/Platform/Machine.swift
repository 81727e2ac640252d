package import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The host, as `uname` and the clocks tell.
package enum Machine {
  /// `uname`'s words.
  package struct Name {
    var system = ""
    package var host = ""
    package var release = ""
    /// The build: what the kernel's own version is, where a distribution numbers it otherwise.
    package var version = ""
    package var machine = ""
  }

  package static var name: Name {
    var names = utsname()
    guard unsafe uname(&names) == 0 else { return Name() }
    return Name(
      system: text(&names.sysname), host: text(&names.nodename), release: text(&names.release),
      version: text(&names.version), machine: text(&names.machine))
  }

  private static func text<Field>(_ field: inout Field) -> String {
    unsafe withUnsafeBytes(of: &field) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  static var pageSize: Int { sysconf(Int32(_SC_PAGESIZE)) }

  package static var process: Int32 { getpid() }

  /// Names the boot.
  package static var boot: String { Paths.line("/proc/sys/kernel/random/boot_id") ?? "" }

  /// Now, on the trace clock called `clock`; nil where user space has no such clock.
  package static func now(on clock: String) -> Timestamp? {
    let clocks = [
      "mono": CLOCK_MONOTONIC, "mono_raw": CLOCK_MONOTONIC_RAW, "boot": CLOCK_BOOTTIME,
      "tai": clockid_t(11),
    ]
    return clocks[clock].flatMap(time(of:))
  }

  /// What a clock of the system shows.
  private static func time(of id: clockid_t) -> Timestamp? {
    var time = timespec()
    guard unsafe clock_gettime(id, &time) == 0 else { return nil }
    return Timestamp(UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
  }

  /// Now, in ns since 1970 UTC.
  static var utc: Timestamp? { time(of: CLOCK_REALTIME) }

  /// The CPU's model as x86 names it in /proc/cpuinfo; empty where it does not say.
  static var cpuModel: String {
    guard let bytes = try? Paths.bytes("/proc/cpuinfo") else { return "" }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("model name") }),
      let value = line.split(separator: ":", maxSplits: 1).last
    else { return "" }
    return String(value.drop { $0 == " " })
  }

  /// The thread that was created last on this machine, of whichever process; nil where /proc is not
  /// mounted (linux fs/proc/loadavg.c, the last word).
  static var newestThread: ThreadID? {
    Paths.line("/proc/loadavg")?.split(separator: " ").last.flatMap { Int32($0) }
      .map { ThreadID($0) }
  }

  /// The CPU time that this thread has used.
  static var cpuTime: Timestamp { time(of: CLOCK_THREAD_CPUTIME_ID) ?? Timestamp(0) }

  /// Now, for measuring ourselves.
  package static var now: Timestamp { now(on: "mono") ?? Timestamp(0) }
}

extension Machine {
  /// Lets `milliseconds` pass.
  package static func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }
}
