/// How long, and for how many halts, a vCPU's window had each length.
package struct WindowShares: Hashable, Sendable {
  /// Time at each window, in ns.
  private var timeAt = CountingTable()
  /// Halts with a known window, the sum of their windows, and the widest.
  package private(set) var halts: UInt64 = 0
  package private(set) var sum: UInt64 = 0
  package private(set) var widest: UInt32 = 0
  /// Whether windows are known though no halt is.
  private var isKnown = false
  /// The window now, and since when; nil where it is not known.
  package private(set) var now: (window: UInt32, since: Timestamp)?

  package init() {}

  /// Counts a halt.
  @inline(__always)
  mutating func add(_ windowed: borrowing WindowedHalt) {
    if windowed.gap != .none { now = nil }
    guard let window = windowed.window, let next = windowed.next else { return now = nil }
    halts &+= 1
    sum &+= UInt64(window)
    widest = max(widest, window)
    if now == nil { now = (window, windowed.halt.began) }
    move(to: next, at: windowed.halt.woke)
  }

  /// Counts a halt that began at `began` with a window of `window`, and left `next` at `time`.
  mutating func add(_ window: UInt32, from began: Timestamp, then next: UInt32, at time: Timestamp)
  {
    halts &+= 1
    sum = sum.plus(UInt64(window))
    widest = max(widest, window)
    if now == nil { now = (window, began) }
    move(to: next, at: time)
  }

  /// The window was `window` and is `next` from `time` on: of a halt of which nothing else is known.
  mutating func add(_ window: UInt32, then next: UInt32, at time: Timestamp) {
    widest = max(widest, window, next)
    isKnown = true
    move(to: next, at: time)
  }

  @inline(__always)
  private mutating func move(to window: UInt32, at woke: Timestamp) {
    if let now, now.window == window { return }
    if let now { count(woke - now.since, at: now.window) }
    now = (window, woke)
  }

  /// From here on the window is not known.
  mutating func close() { now = nil }

  /// The trace ends.
  mutating func finish(at end: Timestamp) {
    if let now { count(end - now.since, at: now.window) }
    now = now.map { ($0.window, end) }
  }

  @inline(__always)
  private mutating func count(_ time: Nanoseconds, at window: UInt32) {
    timeAt.add(time.rawValue, to: UInt64(window))
  }

  /// Nothing is counted yet from `begin` on, when the window is the one now.
  mutating func beginAnew(at begin: Timestamp) {
    let window = now?.window
    self = WindowShares()
    now = window.map { ($0, begin) }
  }

  /// Adds another vCPU's shares; there is no window now that would be that of both.
  package mutating func merge(_ other: WindowShares) {
    timeAt.merge(other.timeAt)
    halts.add(other.halts)
    sum = sum.plus(other.sum)
    widest = max(widest, other.widest)
    isKnown = isKnown || other.isKnown
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
    timeAt.sums.map { (UInt32(truncatingIfNeeded: $0.key), $0.sum) }
  }

  /// Nothing is known of how long: the clock is not time.
  mutating func withholdTimes() {
    timeAt = CountingTable()
  }

  /// The time in which the window is known.
  package var knownTime: UInt64 { times.reduce(0) { $0.plus($1.time) } }

  /// The share of this time at each window; none where nothing is known.
  package var shares: [(window: UInt32, share: Double)] {
    let known = Double(knownTime)
    return known == 0 ? [] : times.map { ($0.window, Double($0.time) / known) }
  }

  /// The widest window, in ns; nil where none is known.
  package var widestKnown: UInt32? { halts > 0 || isKnown ? widest : nil }

  /// The mean window of a halt, in ns; nil where no halt's window is known.
  package var meanByHalt: Double? { halts == 0 ? nil : Double(sum) / Double(halts) }
}
