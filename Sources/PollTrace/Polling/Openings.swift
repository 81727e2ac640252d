/// Halts in a row of one vCPU whose window only a later decision tells.
///
/// No decision means that the window stayed as it was.
package struct Opening: Hashable, Sendable {
  /// When the first of the halts woke.
  var begin: Timestamp
  /// The window that the next decision found, in ns; nil where none came before the trace ended or
  /// events were lost.
  var window: UInt32?
  /// The ceiling when it began, in ns.
  let ceiling: UInt32
  /// Whether a halt slept for longer than the ceiling, which would have shrunk an open window.
  private var isOverlong = false
  /// The longest halt that polled.
  private var longestPoll = Nanoseconds.zero

  init(begin: Timestamp, ceiling: UInt32) { (self.begin, self.ceiling) = (begin, ceiling) }

  /// Takes a halt in that was made under `ceiling` ns.
  mutating func add(_ halt: Halt, under ceiling: UInt32) {
    switch halt.ending {
    case .slept: if halt.block.rawValue > UInt64(ceiling) { isOverlong = true }
    case .polled: longestPoll = max(longestPoll, halt.block)
    }
  }

  /// Whether the window was closed, as the rules say without a decision.
  var isClosed: Bool { isOverlong && longestPoll <= WindowTracker.certainPoll }

  /// Whether a halt polled for so long that the window was wider than `window` ns.
  func refutes(_ window: UInt32) -> Bool { WindowTracker.refutes(window, longestPoll) }
}

/// The openings of one vCPU in order of time: a first pass over a trace finds them; a second one looks
/// each up where it begins, and does not wait for the decision.
package struct Openings: Hashable, Sendable {
  private var all: [Opening] = []
  private var next = 0
  /// Whether a first pass could not wait long enough for some of the decisions.
  package private(set) var areNeeded = false

  package init() {}

  mutating func add(_ opening: Opening, isNeeded: Bool) {
    all.append(opening)
    if isNeeded { areNeeded = true }
  }

  /// The opening that begins with a halt that woke at `time`, once; asked in order of time.
  mutating func beginning(at time: Timestamp) -> Opening? {
    while next < all.count, all[next].begin < time { next += 1 }
    guard next < all.count, all[next].begin == time else { return nil }
    defer { next += 1 }
    return all[next]
  }
}
