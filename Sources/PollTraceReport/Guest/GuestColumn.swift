package import PollTrace

extension FigureColumn<IdleFigures> {
  /// Those of a guest's CPUs in the report as text.
  static var ofText: [Self] {
    [
      Self("idles/s", .count) { $0.idlesPerSecond },
      Self("polled", .count) { Double($0.polled) },
      Self("halted", .count) { Double($0.halted) },
      Self("poll ok", .share) { $0.share($0.successTime) },
      Self("wasted", .share) { $0.share($0.failTime) },
      Self("halt p50", .time) { $0.halt.quantile(0.5).map { Double($0) } },
      Self("p90", .time) { $0.halt.quantile(0.9).map { Double($0) } },
      Self("p99", .time) { $0.halt.quantile(0.99).map { Double($0) } },
      Self("max", .time) { $0.halt.count > 0 ? Double($0.halt.most) : nil },
      Self("grow", .count) { Double($0.grows) },
      Self("shrink", .count) { Double($0.shrinks) },
      Self("limit", .window) { ($0.windows.now?.window).map { Double($0) } },
      Self("mean", .time) { $0.windows.meanByHalt },
      Self("wake p50", .time) { $0.wakeLatency.quantile(0.5).map { Double($0) } },
      Self("wake p99", .time) { $0.wakeLatency.quantile(0.99).map { Double($0) } },
    ]
  }

  /// Those of the page, in the order of a host's.
  static var ofPage: [Self] {
    [
      Self("poll CPU", .share, "Time spent polling, as a share of the CPU") {
        $0.pollShares.map { $0.success + $0.failed }
      },
      Self("failed", .share, "The part of it in failed polls, which a halt followed") {
        $0.pollShares?.failed
      },
      Self("successful", .share, "Polls that met their event, of all") {
        $0.polls > 0 ? Double($0.polled) / Double($0.polls) : nil
      },
      Self("idles/s", .count, "Idle times per second of a CPU") { $0.idlesPerSecond },
      Self("idle p50", .time, "Half of all idle times, poll and halt together, last no longer") {
        $0.idle.quantile(0.5).map { Double($0) }
      },
      Self("idle p99", .time, "99 % last no longer") { $0.idle.quantile(0.99).map { Double($0) } },
      Self(
        "halt latency", .time,
        "Mean time from another CPU's interrupt to the CPU's being back, of halts that one ended"
      ) { $0.wakeLatency.mean },
      Self("limit", .time, "Mean poll limit of an idle time") { $0.windows.meanByHalt },
    ]
  }
}

extension IdleFigures {
  /// The shares of the CPUs in polls that met their event and in polls that ran out; nil without time.
  var pollShares: (success: Double, failed: Double)? {
    guard let success = share(successTime), let failed = share(failTime) else { return nil }
    return (success, failed)
  }
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
