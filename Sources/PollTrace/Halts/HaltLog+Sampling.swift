extension HaltLog {
  /// Takes in those of `halts`, which are in order of time, that woke in one of `spans`.
  mutating func add(_ halts: Span<WindowedHalt>, in spans: [Range<Timestamp>]) {
    var span = 0
    for index in halts.indices { add(halts[index], in: spans, &span) }
  }

  private mutating func add(
    _ halt: WindowedHalt, in spans: [Range<Timestamp>], _ span: inout Int
  ) {
    let woke = halt.halt.woke
    while span < spans.count, spans[span].upperBound <= woke { span += 1 }
    guard span < spans.count, spans[span].lowerBound <= woke else { return }
    let isFirst = entries.last.map { $0.woke < spans[span].lowerBound } ?? false
    if isFirst || halt.gap != .none { breakOff() }
    add(halt)
  }
}
