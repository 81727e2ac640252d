/// How long, and for how many halts, a vCPU's window had each length.
///
/// Time is counted from one decision to the next. The stretch before the first decision of a part
/// of the trace is kept apart until it joins the part before.
package struct WindowShares: Hashable, Sendable {
  /// Time at each window, in ns; windows make a short ladder, so a list serves.
  package private(set) var times: [(window: UInt32, time: UInt64)] = []
  /// Where each window stands in the list, once that is longer than any ladder.
  private var places: [UInt32: Int] = [:]
  private static let ladder = 64
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
    if let now, now.window == next { return }
    if let now { count(woke - now.since, at: now.window) }
    now = (next, woke)
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

  /// From here on the window is not known.
  package mutating func close() { now = nil }

  /// The trace ends.
  package mutating func finish(at end: Timestamp) {
    if let now { count(end - now.since, at: now.window) }
    now = now.map { ($0.window, end) }
  }

  private mutating func count(_ time: Nanoseconds, at window: UInt32) {
    if let index = place(of: window) {
      times[index].time = times[index].time.plus(time.rawValue)
    } else {
      times.append((window, time.rawValue))
      if times.count == Self.ladder {
        for (place, entry) in times.enumerated() { places[entry.window] = place }
      } else if times.count > Self.ladder {
        places[window] = times.count - 1
      }
    }
  }

  private func place(of window: UInt32) -> Int? {
    places.isEmpty ? times.firstIndex { $0.window == window } : places[window]
  }

  /// Goes on with the shares of the next part of the trace.
  package mutating func append(_ later: WindowShares) {
    for entry in later.times { count(Nanoseconds(entry.time), at: entry.window) }
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
    for entry in other.times { count(Nanoseconds(entry.time), at: entry.window) }
    halts += other.halts
    sum += other.sum
    widest = max(widest, other.widest)
    now = nil
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.halts == right.halts && left.sum == right.sum && left.widest == right.widest
      && left.now?.window == right.now?.window && left.now?.since == right.now?.since
      && left.sortedTimes.elementsEqual(right.sortedTimes, by: ==)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(sum) }

  /// The times in order of the window.
  package var sortedTimes: [(window: UInt32, time: UInt64)] {
    times.sorted { $0.window < $1.window }
  }

  /// Nothing is known of how long: the clock is not time.
  mutating func withholdTimes() {
    times = []
    places = [:]
  }

  /// The time in which the window is known.
  package var knownTime: UInt64 { times.reduce(0) { $0.plus($1.time) } }

  /// The mean window of a halt, in ns; nil where no halt's window is known.
  package var meanByHalt: Double? { halts == 0 ? nil : Double(sum) / Double(halts) }
}
