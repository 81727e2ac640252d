import PollTrace

/// A column of the live view, behind the VM and its vCPU.
enum TopColumn: CaseIterable {
  case halts, polled, successful, wasted, wakeups, medianWait, longWait
  case window, grows, shrinks, medianBlock, longBlock, medianWake, longWake

  /// Those of counters, or of a trace.
  static func all(isTraced: Bool) -> [TopColumn] {
    allCases.filter { column in
      switch column {
      case .halts, .polled, .successful, .wasted: true
      case .wakeups, .medianWait, .longWait: !isTraced
      default: isTraced
      }
    }
  }

  /// The column that shows what rows are sorted by; nil for the names.
  init?(_ order: CounterOrder) {
    switch order {
    case .name: return nil
    case .halts: self = .halts
    case .polled: self = .polled
    case .successful: self = .successful
    case .wasted: self = .wasted
    case .wakeups: self = .wakeups
    case .wait: self = .longWait
    case .window: self = .window
    case .moves: self = .grows
    case .block: self = .longBlock
    case .wakeLatency: self = .longWake
    }
  }

  /// How soon it is left out where there is no room; 0 for never.
  var leaves: Int {
    switch self {
    case .successful: 4
    case .medianWake: 3
    case .medianBlock: 2
    case .polled: 1
    default: 0
    }
  }

  var title: String {
    switch self {
    case .halts: "halts/s"
    case .polled: "polled"
    case .successful: "poll ok"
    case .wasted: "wasted"
    case .wakeups: "wakes/s"
    case .medianWait: "p50 wait"
    case .longWait: "p99 wait"
    case .window: "window"
    case .grows: "grow"
    case .shrinks: "shrink"
    case .medianBlock: "p50 block"
    case .longBlock: "p99 block"
    case .medianWake: "p50 wake"
    case .longWake: "p99 wake"
    }
  }

  func cell(_ row: CounterRow) -> String {
    let traced = row.traced
    return switch self {
    case .halts: row.haltRate.shown { Numbers.fixed($0, 0) }
    case .polled: row.polledShare.shown { Numbers.percent($0) }
    case .successful: row.successfulShare.shown { Numbers.percent($0) }
    case .wasted: row.wastedShare.shown { Numbers.percent($0) }
    case .wakeups: row.wakeupRate.shown { Numbers.fixed($0, 0) }
    case .medianWait: row.wait(0.5).shown(TopTable.bound)
    case .longWait: row.wait(0.99).shown(TopTable.bound)
    case .window: traced?.window.shown { Numbers.time($0) } ?? Numbers.unknown
    case .grows: (traced?.grows).shown { Numbers.grouped($0) }
    case .shrinks: (traced?.shrinks).shown { Numbers.grouped($0) }
    case .medianBlock: (traced?.block.quantile(0.5)).shown { Numbers.time($0) }
    case .longBlock: (traced?.block.quantile(0.99)).shown { Numbers.time($0) }
    case .medianWake: (traced?.wakeLatency.quantile(0.5)).shown { Numbers.time($0) }
    case .longWake: (traced?.wakeLatency.quantile(0.99)).shown { Numbers.time($0) }
    }
  }
}
