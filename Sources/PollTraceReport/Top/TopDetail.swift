import PollTrace

/// One vCPU in detail: its counters, and how long its polls and waits were since it is watched.
enum TopDetail {
  /// The lines for `row`.
  static func lines(_ row: CounterRow, _ parameters: PollParameters?, columns: Int) -> [String] {
    let thread = row.thread.map { ", thread \($0.rawValue)" } ?? ""
    var lines = ["", " \(TopTable.label(row)) (pid \(row.process.rawValue)\(thread))"]
    if let pattern = parameters.flatMap({ row.pattern($0) }) {
      lines.append(
        " \(pattern.explanation); record 30 s now: polltrace record --vm \(row.process.rawValue)")
    }
    if let traced = row.traced { lines += TraceDetail.lines(traced, now: row.interval) }
    var counts = Table(["", "in all", "a second"])
    for count in HaltCounters.Count.allCases
    where row.traced == nil || row.counters?[count] != nil {
      counts.add([
        count.name, row.counters?[count].shown { shown($0, count) } ?? Numbers.unknown,
        perSecond(row, count).shown { $0 },
      ])
    }
    lines += [""] + counts.lines(indent: 1)
    let spread = histograms(row)
    guard !spread.isEmpty else { return lines }
    if row.traced != nil { return lines + ["", " Polls and waits since then:"] + spread }
    return lines + ["", " Since it is watched:"] + spread
  }

  private static func shown(_ value: UInt64, _ count: HaltCounters.Count) -> String {
    count.isTime ? Numbers.time(value) : Numbers.grouped(value)
  }

  private static func perSecond(_ row: CounterRow, _ count: HaltCounters.Count) -> String? {
    guard let value = row.delta?[count], let interval = row.interval, interval > 0 else {
      return nil
    }
    let rate = Double(value) / Double(interval.rawValue) * 1e9
    return count.isTime ? Numbers.time(rate) : Numbers.fixed(rate, 0)
  }

  private static func histograms(_ row: CounterRow) -> [String] {
    let spreads = HaltCounters.Spread.allCases.map { row.watched?[$0]?.counts }
    let used = (0..<32).filter { bucket in spreads.contains { $0?[bucket] ?? 0 > 0 } }
    guard let first = used.first, let last = used.last else { return [] }
    var table = Table(["length", "polls ok", "polls failed", "waits", ""])
    let most = (first...last).map { spreads[2]?[$0] ?? 0 }.max() ?? 0
    for bucket in first...last {
      let waits = spreads[2]?[bucket] ?? 0
      let length = most == 0 ? 0 : (Double(waits) / Double(most) * 20).rounded(.up)
      let bar = Int(clamping: Int64(saturating: length))
      table.add(
        [TopTable.bound(LogHistogram.bounds(of: bucket))]
          + spreads.map { $0.map { Numbers.grouped($0[bucket]) } ?? Numbers.unknown }
          + [String(repeating: "#", count: bar) + String(repeating: " ", count: 20 - bar)])
    }
    return table.lines(indent: 1)
  }
}
