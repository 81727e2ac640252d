import PollTrace

/// What only a trace shows of one vCPU: its window over time, the kernel's decisions, the lengths of its
/// halts.
enum TraceDetail {
  /// The intervals that are shown, and the width of the longest bar.
  private static let (spans, bar) = (8, 24)

  /// The lines for `traced`.
  static func lines(_ traced: TracedHalts, now interval: Nanoseconds?) -> [String] {
    windows(traced) + decisions(traced) + blocks(traced)
  }

  private static func windows(_ traced: TracedHalts) -> [String] {
    guard let last = traced.history.last else { return [] }
    var table = Table(["ago", "window", "least", "most", "halts", "grow", "shrink", ""])
    let shown = traced.history.suffix(spans)
    let most = shown.compactMap { $0.windows?.mean }.max() ?? 0
    for span in shown.reversed() {
      let windows = span.windows
      table.add([
        Numbers.time(last.end - span.end), (windows?.mean).shown { Numbers.time($0) },
        (windows?.least).shown { Numbers.time($0) }, (windows?.most).shown { Numbers.time($0) },
        Numbers.grouped(span.halts), Numbers.grouped(span.grows), Numbers.grouped(span.shrinks),
        bar(windows?.mean ?? 0, of: most),
      ])
    }
    let window = traced.window.shown { Numbers.time($0) }
    return ["", " The window is \(window). Its mean over time, look by look, the last one first:"]
      + table.lines(indent: 1)
  }

  private static func decisions(_ traced: TracedHalts) -> [String] {
    let fidelity = traced.fidelity
    var text =
      " Decisions: \(Numbers.grouped(fidelity.recorded)),"
      + " \(Numbers.grouped(fidelity.reproduced)) of them as the rules say"
    if fidelity.refused > 0 {
      text += "; \(Numbers.grouped(fidelity.refused)) times the vCPU was not allowed to poll"
    }
    guard !traced.moves.isEmpty else { return ["", text] }
    var table = Table(["move", "from", "to", "times"])
    for move in traced.moves {
      table.add([
        move.move == .grow ? "grow" : "shrink", Numbers.time(move.old), Numbers.time(move.new),
        Numbers.grouped(move.count),
      ])
    }
    return ["", text] + table.lines(indent: 1)
  }

  private static func blocks(_ traced: TracedHalts) -> [String] {
    let counts = traced.blocks.counts
    guard let first = counts.firstIndex(where: { $0 > 0 }),
      let last = counts.lastIndex(where: { $0 > 0 })
    else { return [] }
    var table = Table(["block", "halts", ""])
    let most = Double(counts.max() ?? 0)
    for bucket in first...last {
      table.add([
        TopTable.bound(LogHistogram.bounds(of: bucket)), Numbers.grouped(counts[bucket]),
        bar(Double(counts[bucket]), of: most),
      ])
    }
    return ["", " How long its halts lasted, since it is followed:"] + table.lines(indent: 1)
  }

  private static func bar(_ value: Double, of most: Double) -> String {
    let length = most > 0 ? (value / most * Double(bar)).rounded(.up) : 0
    let filled = min(bar, Int(clamping: Int64(saturating: length)))
    return String(repeating: "#", count: filled) + String(repeating: " ", count: bar - filled)
  }
}
