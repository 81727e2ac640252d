/// How long, and for how many halts, a vCPU's window had each length.
///
/// Time is counted from one decision to the next. The stretch before the first decision of a part
/// of the trace is kept apart until it joins the part before.
package struct WindowShares: Hashable, Sendable {
  /// Time at each window, in ns.
  private var ladder = Ladder()
  /// Counted halts with a known window, the sum of their windows, and the widest.
  package private(set) var halts: UInt64 = 0
  package private(set) var sum: UInt64 = 0
  package private(set) var widest: UInt32 = 0
  /// The window now, and since when; nil where it is not known.
  package private(set) var now: (window: UInt32, since: Timestamp)?
  /// The first halt's end with its window in force.
  private var first: (window: UInt32, at: Timestamp)?

  package init() {}

  /// Counts a halt that began with `window` and ended at `woke`, leaving `next`.
  package mutating func add(at woke: Timestamp, window: UInt32, next: UInt32, isCounted: Bool) {
    if isCounted { add(halts: 1, window: window) }
    if first == nil { first = (window, woke) }
    move(to: next, at: woke)
  }

  /// Whether halts were counted and the window is known.
  var isOpen: Bool { first != nil && now != nil }

  /// A halt that ended at `woke` left `window`.
  @inline(__always)
  mutating func move(to window: UInt32, at woke: Timestamp) {
    if let now, now.window == window { return }
    if let now { count(woke - now.since, at: now.window) }
    now = (window, woke)
  }

  /// The window is `window` from `time` on.
  package mutating func begin(at time: Timestamp, window: UInt32) { now = (window, time) }

  /// Counts halts at one window without saying when.
  package mutating func add(halts: UInt64, window: UInt32) {
    guard halts > 0 else { return }
    self.halts += halts
    sum += halts * UInt64(window)
    widest = max(widest, window)
  }

  /// Counts `halts`, whose windows sum up to `sum` and the widest of which is `widest`.
  mutating func add(halts: UInt64, sum: UInt64, widest: UInt32) {
    self.halts += halts
    self.sum += sum
    self.widest = max(self.widest, widest)
  }

  /// From here on the window is not known.
  package mutating func close() { now = nil }

  /// The trace ends.
  package mutating func finish(at end: Timestamp) {
    if let now { count(end - now.since, at: now.window) }
    now = now.map { ($0.window, end) }
  }

  @inline(__always)
  private mutating func count(_ time: Nanoseconds, at window: UInt32) {
    ladder.add(time.rawValue, to: UInt64(window))
  }

  /// Goes on with the shares of the next part of the trace.
  package mutating func append(_ later: WindowShares) {
    ladder.merge(later.ladder)
    halts += later.halts
    sum += later.sum
    widest = max(widest, later.widest)
    if let begin = later.first {
      // `later` counts from its first halt on; until then the window of this part lasted.
      if let now { count(begin.at - now.since, at: now.window) }
      now = later.now
    }
    if first == nil { first = later.first }
  }

  /// Adds another vCPU's shares; there is no window now that would be that of both.
  package mutating func add(_ other: WindowShares) {
    ladder.merge(other.ladder)
    halts += other.halts
    sum += other.sum
    widest = max(widest, other.widest)
    now = nil
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.halts == right.halts && left.sum == right.sum && left.widest == right.widest
      && left.now?.window == right.now?.window && left.now?.since == right.now?.since
      && left.times.elementsEqual(right.times, by: ==)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(sum) }

  /// Time at each window, in ns and in order of the window.
  package var times: [(window: UInt32, time: UInt64)] {
    ladder.sums.map { (UInt32(truncatingIfNeeded: $0.key), $0.sum) }
  }

  /// Nothing is known of how long: the clock is not time.
  mutating func withholdTimes() {
    ladder = Ladder()
  }

  /// The time in which the window is known.
  package var knownTime: UInt64 { times.reduce(0) { $0.plus($1.time) } }

  /// The mean window of a halt, in ns; nil where no halt's window is known.
  package var meanByHalt: Double? { halts == 0 ? nil : Double(sum) / Double(halts) }
}
