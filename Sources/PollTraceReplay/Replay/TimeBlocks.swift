internal import PollTrace

/// Equal parts of a recording's time, from which the spread by chance is estimated.
struct TimeBlocks: Hashable, Sendable {
  /// The first one's begin and each one's length, in ns of the recording's clock.
  let begin: Int64
  let length: Int64
  let count: Int

  /// `count` blocks of `span`; what lies outside belongs to the first and the last.
  init(_ span: RecordingSpan, count: Int = RecordingSpan.blocks) {
    let end = min(TimeOffset(span.end).rawValue, 1 << 61)
    begin = min(TimeOffset(span.begin).rawValue, end)
    length = (end - begin) / Int64(count) + 1
    self.count = count
  }

  func index(of time: Int64) -> Int {
    max(0, min(Int((time - begin) / length), count - 1))
  }

  /// Where block `index` ends; the last one never does.
  func end(of index: Int) -> Int64 {
    index == count - 1 ? .max : begin + Int64(index + 1) * length
  }

  /// The same time in `count` blocks, each of which is as many of these.
  func joined(into count: Int) -> TimeBlocks {
    TimeBlocks(begin: begin, length: length * Int64(self.count / count), count: count)
  }

  private init(begin: Int64, length: Int64, count: Int) {
    (self.begin, self.length, self.count) = (begin, length, count)
  }
}
