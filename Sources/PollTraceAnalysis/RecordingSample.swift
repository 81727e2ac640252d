internal import PollTrace

/// Which parts of a long recording a replay is made from.
enum RecordingSample {
  /// A halt and its scheduler events take about as many bytes or more in a trace.dat.
  static let bytesOfHalt = 160

  /// Spans at even distances that take `share` of the time from `begin` to `end`.
  static func spans(from begin: Timestamp, to end: Timestamp, share: Double) -> [Range<Timestamp>] {
    let (length, count) = ((end - begin).rawValue, UInt64(RecordingSpan.samples))
    let part = UInt64(max(1, Double(length) / Double(count) * share))
    return (0..<count).map { number in
      let start = begin + Nanoseconds(length / count * number)
      return start..<(start + Nanoseconds(part))
    }
  }
}
