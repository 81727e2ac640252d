internal import PollTrace

/// When a text has events: runs in order of time, as each CPU's file or each recording is one.
struct EventRuns {
  private struct Run {
    var begin: Timestamp
    var end: Timestamp
    /// The longest time in it without an event.
    var pause: Range<Timestamp>
  }
  private var past: [Run] = []
  private var run: Run?
  /// Whether there are more runs than are kept.
  private var areTooMany = false

  /// So many runs are kept at most.
  private static let most = 1_024
  /// Events that are not quite in order lie closer together; a shorter pause is none.
  private static let second: Nanoseconds = 1_000_000_000

  /// The next event of the text.
  @inline(__always)
  mutating func see(_ time: Timestamp) {
    guard let run else { return begin(at: time) }
    if run.end < time {
      if time - run.end > run.pause.upperBound - run.pause.lowerBound {
        self.run?.pause = run.end..<time
      }
      self.run?.end = time
    } else if run.end - time > Self.second {
      begin(at: time)
    }
  }

  @inline(never)
  private mutating func begin(at time: Timestamp) {
    if let run {
      areTooMany = past.count == Self.most
      if !areTooMany { past.append(run) }
    }
    run = Run(begin: time, end: time, pause: time..<time)
  }

  /// A time in which no run has an event, that is ten times as long as all others together, and a second or
  /// more: tracing was off, or another recording follows.
  var pause: Range<Timestamp>? {
    guard let run, !areTooMany else { return nil }
    let spans = (past + [run]).flatMap {
      [$0.begin...$0.pause.lowerBound, $0.pause.upperBound...$0.end]
    }.sorted { $0.lowerBound < $1.lowerBound }
    let first = spans[0].lowerBound
    var (last, longest) = (spans[0].upperBound, first..<first)
    for span in spans {
      if span.lowerBound - last > longest.upperBound - longest.lowerBound {
        longest = last..<span.lowerBound
      }
      last = max(last, span.upperBound)
    }
    let length = longest.upperBound - longest.lowerBound
    guard length >= Self.second, length.rawValue / 10 > (last - first - length).rawValue,
      first < longest.lowerBound, longest.upperBound < last
    else { return nil }
    return longest
  }
}
