import PollTrace

/// The in-kernel filter that keeps only events about given threads.
///
/// The kernel takes less than a page of text (`event_filter_write` in
/// kernel/trace/trace_events.c): where the threads are too many, those with the closest ids are
/// taken together as ranges, which may let a few strangers in.
struct ThreadFilter: Hashable {
  /// Ids from the lower to the upper bound.
  private(set) var ranges: [ClosedRange<Int32>]

  /// The longest text the kernel takes.
  static let limit = 4_095

  /// The filter for `threads`; its text for `fields` is at most `limit` bytes.
  init(_ threads: some Sequence<ThreadID>, fields: [String], limit: Int = Self.limit) {
    ranges = []
    for id in Set(threads).map(\.rawValue).sorted() {
      if let last = ranges.last, last.upperBound == id - 1 {
        ranges[ranges.count - 1] = last.lowerBound...id
      } else {
        ranges.append(id...id)
      }
    }
    guard text(of: fields).utf8.count > limit else { return }
    let all = ranges
    let gaps = all.indices.dropLast().sorted { left, right in
      let (one, other) = (Self.gap(after: left, all), Self.gap(after: right, all))
      return (one, left) < (other, right)
    }
    // The fewest merges that fit, by bisection: more merges never make the text longer than the
    // limit again once few ranges are left.
    var few = 0
    var many = gaps.count
    while few < many {
      let middle = (few + many) / 2
      ranges = Self.merged(all, over: gaps.prefix(middle))
      if text(of: fields).utf8.count <= limit { many = middle } else { few = middle + 1 }
    }
    ranges = Self.merged(all, over: gaps.prefix(many))
  }

  /// The filter in the kernel's words: a thread in any of `fields`.
  func text(of fields: [String]) -> String {
    fields.flatMap { field in ranges.map { Self.text($0, field) } }.joined(separator: "||")
  }

  private static func text(_ range: ClosedRange<Int32>, _ field: String) -> String {
    if range.count == 1 { return "\(field)==\(range.lowerBound)" }
    return "(\(field)>=\(range.lowerBound)&&\(field)<=\(range.upperBound))"
  }

  private static func gap(after index: Int, _ ranges: [ClosedRange<Int32>]) -> Int32 {
    ranges[index + 1].lowerBound - ranges[index].upperBound
  }

  private static func merged(
    _ ranges: [ClosedRange<Int32>], over gaps: ArraySlice<Int>
  ) -> [ClosedRange<Int32>] {
    let closed = Set(gaps)
    return ranges.indices.reduce(into: []) { merged, index in
      if index > 0, closed.contains(index - 1), let last = merged.last {
        merged[merged.count - 1] = last.lowerBound...ranges[index].upperBound
      } else {
        merged.append(ranges[index])
      }
    }
  }
}
