package import PollTrace

/// Rows of counters as a table.
package enum TopTable {
  /// The head of each column, in the order of `cells`.
  static let header = [
    "VM, vCPU", "halts/s", "polled", "poll ok", "wasted", "wakes/s", "p50 wait", "p99 wait",
  ]
  /// Which column shows what rows are sorted by.
  static func column(of order: CounterOrder) -> Int {
    switch order {
    case .name: 0
    case .halts: 1
    case .polled: 2
    case .successful: 3
    case .wasted: 4
    case .wakeups: 5
    case .wait: 7
    }
  }

  /// A row's cells; the first one no wider than `room`.
  static func cells(_ row: CounterRow, room: Int) -> [String] {
    [
      label(row, room: room),
      row.haltRate.shown { Numbers.fixed($0, 0) },
      row.polledShare.shown { Numbers.percent($0) },
      row.successfulShare.shown { Numbers.percent($0) },
      row.wastedShare.shown { Numbers.percent($0) },
      row.wakeupRate.shown { Numbers.fixed($0, 0) },
      row.wait(0.5).shown(bound), row.wait(0.99).shown(bound),
    ]
  }

  /// Whom a row is about, fit for a terminal: the VM's name is shortened, not its vCPU.
  package static func label(_ row: CounterRow, room: Int = .max) -> String {
    let end = row.vcpu.map { " vCPU \($0)" } ?? ""
    let name = row.name.isEmpty ? "pid \(row.process.rawValue)" : row.name.terminal
    return name.clipped(to: max(4, room - end.columns)) + end
  }

  /// A length of which bounds are known: it is below the upper one.
  static func bound(_ bounds: LogHistogram.Bounds) -> String {
    bounds.to.map { "<\(Numbers.time($0))" } ?? "≥\(Numbers.time(bounds.from))"
  }

  /// The lines for `rows`, the head first; names take what the other columns leave of `width`.
  package static func lines(_ rows: [CounterRow], width: Int = .max, indent: Int = 0) -> [String] {
    let others = rows.map { Array(cells($0, room: .max).dropFirst()) } + [Array(header.dropFirst())]
    let taken = header.indices.dropFirst().reduce(indent) { sum, column in
      sum + 2 + (others.map { $0[column - 1].columns }.max() ?? 0)
    }
    let room = width == .max ? Int.max : max(12, width - taken)
    return Table(header, rows.map { cells($0, room: room) }).lines(indent: indent)
  }
}
