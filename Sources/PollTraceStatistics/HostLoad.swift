internal import PollTrace
internal import PollTraceCapture

/// How much this machine's tasks want CPUs, counted since its boot.
package struct HostLoad: Hashable, Sendable {
  /// Time in which some task waited for a CPU, in µs: PSI (linux Documentation/accounting/psi.rst); nil where the
  /// kernel has none.
  private let pressure: UInt64?
  /// Ticks of all CPUs, and those that a hypervisor gave to others (proc_stat(5), field 8).
  private let ticks: UInt64
  private let stolen: UInt64
  private let time: Timestamp

  /// As it is now.
  package init() {
    self.init(
      pressure: Paths.text("/proc/pressure/cpu") ?? "", stat: Paths.line("/proc/stat") ?? "",
      at: Machine.now)
  }

  init(pressure: String, stat: String, at time: Timestamp) {
    let some = pressure.split(separator: "\n").first { $0.hasPrefix("some ") }
    self.pressure = some?.split(separator: " ").first { $0.hasPrefix("total=") }
      .flatMap { UInt64($0.dropFirst(6)) }
    let numbers = stat.split(separator: " ").dropFirst().map { UInt64($0) ?? 0 }
    // The ninth and tenth, of guests, are in the first two as well.
    ticks = numbers.prefix(8).reduce(0) { $0.plus($1) }
    stolen = numbers.count > 7 ? numbers[7] : 0
    self.time = time
  }

  /// The share of the time since `before` in which some task waited for a CPU.
  package func pressure(since before: HostLoad) -> Double? {
    guard let pressure, let earlier = before.pressure, pressure >= earlier else { return nil }
    let length = Double((time - before.time).rawValue) / 1e3
    return length > 0 ? min(1, Double(pressure - earlier) / length) : nil
  }

  /// The share of the CPUs' time since `before` that a hypervisor gave to others.
  package func steal(since before: HostLoad) -> Double? {
    guard ticks > before.ticks, stolen >= before.stolen else { return nil }
    return Double(stolen - before.stolen) / Double(ticks - before.ticks)
  }
}
