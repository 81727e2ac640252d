internal import PollTrace

/// The intervals that a recording is cut into.
///
/// They begin at whole multiples of their length in UTC where that is known, else in the recording: so the
/// first and the last may be short.
struct SummaryAxis {
  /// On the trace's clock.
  let intervals: [ClosedRange<Timestamp>]

  /// More intervals than this are taken for a mistake.
  static let most = 100_000

  /// The whole of `report`'s time, or intervals of `length`.
  ///
  /// - Throws: `SummaryTable.Refusal`.
  init(_ report: TraceReport, every length: Nanoseconds?) throws(SummaryTable.Refusal) {
    guard let span = report.span else { throw .noTime }
    guard let length, length > .zero else {
      intervals = [span]
      return
    }
    guard report.trace.pauses.isEmpty, report.trace.holes.isEmpty else { throw .pauses }
    let whole = span.upperBound - span.lowerBound
    guard whole.rawValue / length.rawValue < UInt64(Self.most) else { throw .tooMany }
    let utc = report.utc(of: span.lowerBound).map { $0.rawValue % length.rawValue } ?? 0
    var begin = span.lowerBound
    var end = begin + (length - Nanoseconds(utc))
    var intervals: [ClosedRange<Timestamp>] = []
    while end < span.upperBound {
      intervals.append(begin...end)
      begin = end
      end = begin + length
    }
    self.intervals = intervals + [begin...span.upperBound]
  }

  /// The place of the interval in which a halt that ended at `time` is counted.
  func place(of time: Timestamp) -> Int {
    // The first one that ends behind it: an interval does not hold its own end.
    var (low, high) = (0, intervals.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if intervals[middle].upperBound > time { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
