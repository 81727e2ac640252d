internal import PollTrace

/// A figure as the tables of vCPUs, and of a guest's CPUs, show it: its title, how it is got from `Source`,
/// and how it is written.
struct FigureColumn<Source>: Sendable {
  let title: String
  /// What the title means, where that needs saying.
  let hint: String
  private let unit: Unit
  /// The figure; nil where it is not known.
  let value: @Sendable (Source) -> Double?

  init(
    _ title: String, _ unit: Unit, _ hint: String = "",
    _ value: @escaping @Sendable (Source) -> Double?
  ) {
    (self.title, self.hint, self.unit, self.value) = (title, hint, unit, value)
  }

  enum Unit {
    case count, share, time
    /// A length that the kernel chose, and that is written without loss.
    case window
  }

  /// The figure with its unit, or a dash.
  func text(_ figures: Source) -> String {
    value(figures).shown { value in
      switch unit {
      case .count: Numbers.fixed(value, 0)
      case .share: Numbers.percent(value)
      case .time: Numbers.time(value)
      case .window: Numbers.exactTime(value)
      }
    }
  }
}

extension FigureColumn<Figures> {
  /// Those of the report as text.
  static var ofText: [Self] {
    [
      Self("halts/s", .count) { $0.haltsPerSecond },
      Self("polled", .count) { $0.ifWoken(Double($0.measures.polled)) },
      Self("waited", .count) { $0.ifWoken(Double($0.measures.slept)) },
      Self("poll ok", .share) { $0.pollShares?.success },
      Self("wasted", .share) { $0.pollShares?.failed },
      Self("p50", .time) { $0.block(0.5) },
      Self("p90", .time) { $0.block(0.9) },
      Self("p99", .time) { $0.block(0.99) },
      Self("max", .time) { $0.ifWoken(Double($0.measures.block.most)) },
      Self("grow", .count) { $0.ifDecided(Double($0.measures.grows)) },
      Self("shrink", .count) { $0.ifDecided(Double($0.measures.shrinks)) },
      Self("window", .window) { ($0.windows.now?.window).map { Double($0) } },
      Self("mean", .time) { $0.windows.meanByHalt },
    ]
  }

  /// Those of the page; the first has a bar, and rows stand in its order.
  static var ofPage: [Self] {
    [
      Self("poll CPU", .share, "Time spent polling, as a share of a CPU per vCPU") {
        $0.pollShares.map { $0.success + $0.failed }
      },
      Self(
        "failed", .share, "The part of it in failed polls, which sleep followed"
      ) { $0.pollShares?.failed },
      Self("successful", .share, "Successful polls of all attempted") {
        $0.shareOfPolls($0.kernelCounters.successfulPolls)
      },
      Self(
        "cut short", .share, "Polls cut short before their window ended, of all attempted"
      ) { $0.shareOfPolls($0.account.abandoned.count) },
      Self("halts/s", .count, "Halts per second of a vCPU") { $0.haltsPerSecond },
      Self("halt p50", .time, "Half of all halts last no longer") { $0.block(0.5) },
      Self("halt p99", .time, "99 % last no longer") { $0.block(0.99) },
      Self(
        "slept latency", .time, "Mean time from the waking to the wake-up, of halts that slept"
      ) { $0.measures.wakeLatency.mean },
      Self("window", .time, "Mean poll window of a halt") { $0.windows.meanByHalt },
    ]
  }
}

extension Figures {
  /// The shares of a CPU in successful and in failed polls; nil where windows or time are not known.
  var pollShares: (success: Double, failed: Double)? {
    guard wakeupsAreRecorded, unknownWindows == 0,
      let success = share(kernelCounters.successfulPollTime),
      let failed = share(kernelCounters.failedPollTime)
    else { return nil }
    return (success, failed)
  }

  /// What only the kernel's decisions tell; nil where the trace lacks them.
  func ifDecided<Value>(_ value: Value) -> Value? { decisionsAreRecorded ? value : nil }

  /// What only wake-ups tell; nil where the trace lacks them.
  func ifWoken<Value>(_ value: Value) -> Value? { wakeupsAreRecorded ? value : nil }

  /// What decisions and wake-ups tell together.
  func ifBoth<Value>(_ value: Value) -> Value? { ifDecided(value).flatMap { ifWoken($0) } }

  fileprivate func block(_ share: Double) -> Double? {
    measures.block.quantile(share).map { Double($0) }
  }

  fileprivate func shareOfPolls(_ count: UInt64) -> Double? {
    let attempted = kernelCounters.attemptedPolls
    return unknownWindows == 0 && attempted > 0 ? Double(count) / Double(attempted) : nil
  }
}
