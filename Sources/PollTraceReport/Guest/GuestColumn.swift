package import PollTrace

/// A figure as the table of a guest's CPUs shows it.
struct GuestColumn: Sendable {
  let title: String
  /// The figure with its unit, or a dash.
  let text: @Sendable (IdleFigures) -> String

  private init(_ title: String, _ text: @escaping @Sendable (IdleFigures) -> String) {
    (self.title, self.text) = (title, text)
  }

  static let all: [GuestColumn] = [
    GuestColumn("idles/s") { $0.idlesPerSecond.shown { Numbers.fixed($0, 0) } },
    GuestColumn("polled") { Numbers.grouped($0.polled) },
    GuestColumn("halted") { Numbers.grouped($0.halted) },
    GuestColumn("poll ok") { $0.share($0.successTime).shown(Numbers.percent) },
    GuestColumn("wasted") { $0.share($0.failTime).shown(Numbers.percent) },
    GuestColumn("halt p50") { $0.halt.quantile(0.5).shown(Numbers.time) },
    GuestColumn("p90") { $0.halt.quantile(0.9).shown(Numbers.time) },
    GuestColumn("p99") { $0.halt.quantile(0.99).shown(Numbers.time) },
    GuestColumn("max") { $0.halt.count > 0 ? Numbers.time($0.halt.most) : Numbers.unknown },
    GuestColumn("grow") { Numbers.grouped($0.grows) },
    GuestColumn("shrink") { Numbers.grouped($0.shrinks) },
    GuestColumn("limit") { ($0.windows.now?.window).shown(Numbers.exactTime) },
    GuestColumn("mean") { $0.windows.meanByHalt.shown(Numbers.time) },
    GuestColumn("wake p50") { $0.wakeLatency.quantile(0.5).shown(Numbers.time) },
    GuestColumn("wake p99") { $0.wakeLatency.quantile(0.99).shown(Numbers.time) },
  ]
}

extension GuestReport.CPUReport {
  /// The CPU as a row begins.
  var label: String { "CPU \(cpu.rawValue)" }
}

extension GuestPollLimit.Parameters {
  /// The five parameters in the kernel's words.
  package var words: String {
    "guest_halt_poll_ns \(most), grow \(grow), grow_start \(growStart), shrink \(shrink), "
      + "allow_shrink \(allowsShrink ? "Y" : "N")"
  }
}
