/// Follows the poll window of one vCPU through a trace, halt by halt: the only place that does.
///
/// Each decision tells the window on both of its sides, and between decisions the window moves as
/// `PollWindow` says: so the window of every halt is known from a decision on, as long as no event is
/// missing. Halts before the first decision wait for it; a second pass over the trace looks it up
/// instead (`Openings`).
package struct WindowTracker: Sendable {
  private let decisionsAreRecorded: Bool
  private var settings: SettingsInForce
  /// What a pass before has found; nil in the first one.
  private var lookup: Openings?
  /// What this pass finds.
  package private(set) var openings = Openings()

  /// The window that the last halt left, in ns; nil where it is not known.
  private var left: UInt32?
  /// The same as the last decision traced it.
  private var traced: UInt32?
  /// What lies between the last halt and the next one.
  private var gap = WindowedHalt.Gap.none

  /// The halts since the trace began, or since events went missing, as long as no decision came.
  private var opening: Opening?
  /// Those of them that wait for the decision.
  private var waiting: [Halt] = []
  /// Whether some of them did not wait, so that the decision may say something else of them.
  private var isHasty = false
  /// Whether nobody knows their window until a decision comes.
  private var isHopeless = false

  /// Halts of the opening whose window followed from the rules.
  private var inferredNow: UInt64 = 0
  /// Halts whose window followed from the rules, as no decision ever came.
  package private(set) var inferred: UInt64 = 0

  /// So many halts wait for a decision at most.
  static let patience = 128
  /// A poll this long shows an open window, whatever else held the vCPU up: no window that is worth
  /// having is shorter (10,000 ns is the default of halt_poll_ns_grow_start).
  static let certainPoll: Nanoseconds = 10_000

  /// Whether a poll of `length` shows that the window was not `window` ns.
  ///
  /// A closed window is not refuted: what is pending when the vCPU has given the CPU up in vain ends a
  /// halt without sleep as well, however long that took (1.7 ms on an emulated host).
  static func refutes(_ window: UInt32, _ length: Nanoseconds) -> Bool {
    window > 0 && length > max(certainPoll, Nanoseconds(UInt64(window)))
  }

  /// A tracker of halts that obey `settings`.
  ///
  /// `decisionsAreRecorded` is false where the trace has none: then nothing follows from their
  /// absence.
  package init(
    _ settings: PollSettings, decisionsAreRecorded: Bool = true, lookup: Openings? = nil
  ) {
    self.settings = SettingsInForce(settings)
    self.decisionsAreRecorded = decisionsAreRecorded
    self.lookup = lookup
  }

  /// Takes the vCPU's next halt in, which `make` makes in its place, and puts all whose window is
  /// settled behind those in `out`.
  @inline(__always)
  mutating func add(to out: inout WindowedBatch, _ make: (inout Halt) -> Void) {
    let count = out.count
    out.append { windowed in
      make(&windowed.halt)
      guard let left else { return false }
      return follow(&windowed, left)
    }
    // It lies behind the others still.
    if out.count == count { wait(out.room[count].halt, &out) }
  }

  /// Events that could have been this vCPU's are missing: nothing is known until the next decision.
  mutating func breakOff(to out: inout WindowedBatch) {
    giveUp(&out)
    (left, traced) = (nil, nil)
    gap = .marked
  }

  /// The trace ends.
  mutating func finish(to out: inout WindowedBatch) { giveUp(&out) }

  /// Gives the halts that wait for a decision on: whoever looks now must not wait for it.
  ///
  /// The rules tell their window, or nothing does.
  mutating func settle(to out: inout WindowedBatch) {
    // There is no second pass that would look them up.
    openings = Openings()
    guard left == nil, !waiting.isEmpty else { return }
    if opening?.isClosed ?? false {
      followWaiting(from: 0, &out)
    } else {
      isHasty = true
      giveWaiting(&out)
    }
  }

  /// From now on halts obey `settings`, which say of the past what those before did.
  mutating func obey(_ settings: PollSettings) { self.settings.become(settings) }

  /// The window that a halt would begin with at `end`, in ns; nil where it is not known.
  package func window(at end: Timestamp) -> UInt32? {
    left.map { settings.at(end).window(after: $0) }
  }
}

extension WindowTracker {
  /// Whether the kernel makes `decision` at the end of the halt that `wakeup` ends.
  ///
  /// Where parameters change, the moment is not known to the halt: it is taken to.
  func makes(_ decision: Event, at wakeup: Event) -> Bool {
    guard let effective = settings.only else { return true }
    let move = decision.decision
    var window = PollWindow(length: move.old)
    let expected = window.leave(
      after: wakeup.block.rawValue, isValid: wakeup.isValid, parameters: effective.parameters,
      rules: effective.rules)
    return .moved(move.move, old: move.old, new: move.new) == expected
  }

  /// Takes in a halt before which the window was left at `before` ns; false where it shows that this
  /// is not so.
  @inline(__always)
  private mutating func follow(_ windowed: inout WindowedHalt, _ before: UInt32) -> Bool {
    // In its place at once: a copy would have its fields stored twice.
    if let only = settings.only {
      windowed.effective = only
    } else {
      windowed.effective = settings.of(windowed.halt, left: before)
    }
    let block = windowed.halt.block
    var window = PollWindow(length: before)
    window.enter(
      ceiling: windowed.effective.ceilingAtEntry, rules: windowed.effective.rules)
    let decision = windowed.halt.decision
    if let decision {
      let joins = decision.old == window.length
      // Else another decision is missing since the last one.
      if !joins { (gap, window.length) = (.shown, decision.old) }
      if opening != nil { end(with: decision.old, isNeeded: isHasty || !joins) }
    }
    let inForce = window.length
    let expected = window.leave(
      after: block.rawValue, isValid: windowed.halt.isValid,
      parameters: windowed.effective.parameters, rules: windowed.effective.rules)
    windowed.previous = traced
    var (next, check) = (window.length, WindowedHalt.Check.agrees)
    if let decision {
      if .moved(decision.move, old: decision.old, new: decision.new) != expected {
        check = .contradicts(expected: expected)
      }
      (next, traced) = (decision.new, decision.new)
    } else if expected != .none {
      if windowed.halt.ending == .polled, Self.refutes(inForce, block) {
        // It polled for longer than that window: a decision is missing before it.
        if opening != nil { end(with: nil, isNeeded: isHasty) }
        (left, traced, gap) = (nil, nil, .shown)
        return false
      }
      // A vCPU that may not poll keeps its window.
      (next, check) = (inForce, .refused)
    }
    left = next
    if opening != nil { inferredNow &+= 1 }
    windowed.window = inForce
    windowed.left = next
    windowed.check = check
    windowed.unknown = nil
    windowed.gap = gap
    gap = .none
    return true
  }

  /// The same of a halt that is somewhere else.
  private mutating func tryFollow(
    _ halt: Halt, _ before: UInt32, _ out: inout WindowedBatch
  ) -> Bool {
    var isKnown = false
    out.append { windowed in
      windowed.halt = halt
      isKnown = follow(&windowed, before)
      return isKnown
    }
    return isKnown
  }

  private mutating func follow(_ halt: Halt, _ before: UInt32, _ out: inout WindowedBatch) {
    if !tryFollow(halt, before, &out) { wait(halt, &out) }
  }

  /// Takes in a halt whose window is not known yet.
  private mutating func wait(_ halt: Halt, _ out: inout WindowedBatch) {
    if let decision = halt.decision {
      resolve(by: decision, &out)
      return follow(halt, decision.old, &out)
    }
    let effective = settings.at(halt.woke)
    let ceiling = effective.parameters.ceiling
    if ceiling == 0, halt.ending == .slept || halt.block <= Self.certainPoll {
      // `halt_poll_ns` 0 closes every window.
      giveUp(&out)
      return follow(halt, 0, &out)
    }
    guard decisionsAreRecorded else {
      return give(halt, .decisionsNotRecorded, &out)
    }
    if let opening, ceiling < opening.ceiling, !effective.rules.growIsCut {
      // It cuts wider windows without a decision.
      if opening.isClosed {
        followWaiting(from: 0, &out)
        return follow(halt, 0, &out)
      }
      giveUp(&out)
    }
    if opening == nil {
      // Its own decision may be among what is missing.
      guard gap != .marked else { return give(halt, .eventsLost, &out) }
      if open(with: halt, ceiling, &out) { return }
    }
    opening?.add(halt, under: ceiling)
    guard !isHopeless else { return give(halt, .undecided, &out) }
    waiting.append(halt)
    if waiting.count > Self.patience { hurry(&out) }
  }

  /// An opening begins; true where a pass before has found the window of `halt`.
  private mutating func open(
    with halt: Halt, _ ceiling: UInt32, _ out: inout WindowedBatch
  ) -> Bool {
    opening = Opening(begin: halt.woke, ceiling: ceiling)
    // A second pass hands halts over in order of time: where it knows nothing it does not wait.
    (isHasty, isHopeless) = (false, lookup != nil)
    guard let known = lookup?.beginning(at: halt.woke) else { return false }
    if let window = known.window {
      opening = nil
      follow(halt, window, &out)
    } else if known.isClosed {
      follow(halt, 0, &out)
    } else {
      return false
    }
    return true
  }

  /// Too many halts wait: the rules tell their window, or the first half is given on without.
  private mutating func hurry(_ out: inout WindowedBatch) {
    if opening?.isClosed ?? false {
      followWaiting(from: 0, &out)
    } else {
      isHasty = true
      for halt in waiting[..<(waiting.count / 2)] { give(halt, .undecided, &out) }
      waiting.removeFirst(waiting.count / 2)
    }
  }

  /// `decision` tells the window of the halts that wait.
  private mutating func resolve(by decision: Decision, _ out: inout WindowedBatch) {
    guard let opening else { return }
    // After a poll that was longer than that, another decision is missing.
    let isRefuted = opening.refutes(decision.old)
    end(with: isRefuted ? nil : decision.old, isNeeded: isHasty && !isRefuted)
    if isRefuted {
      giveWaiting(&out)
      gap = .shown
    } else {
      followWaiting(from: decision.old, &out)
    }
  }

  /// The window was `window` ns for the halts that wait.
  private mutating func followWaiting(from window: UInt32, _ out: inout WindowedBatch) {
    var halts: [Halt] = []
    swap(&halts, &waiting)
    left = window
    for halt in halts {
      var isKnown = false
      if let left { isKnown = tryFollow(halt, left, &out) }
      if !isKnown { give(halt, .undecided, &out) }
    }
  }

  /// Nothing tells the window of the halts that wait.
  private mutating func giveWaiting(_ out: inout WindowedBatch) {
    for halt in waiting { give(halt, .undecided, &out) }
    waiting.removeAll()
  }

  /// No decision comes for the halts of the opening: the rules tell their window, or nothing does.
  private mutating func giveUp(_ out: inout WindowedBatch) {
    guard let opening else { return }
    if left == nil, !waiting.isEmpty {
      if opening.isClosed { followWaiting(from: 0, &out) } else { giveWaiting(&out) }
    }
    inferred &+= inferredNow
    end(with: nil, isNeeded: isHasty && left != nil)
  }

  /// The opening has ended with a decision that found `window` ns, or without one.
  private mutating func end(with window: UInt32?, isNeeded: Bool) {
    guard var ended = opening else { return }
    ended.window = window
    openings.add(ended, isNeeded: isNeeded && lookup == nil)
    opening = nil
    inferredNow = 0
  }

  /// Gives a halt on without a window.
  private mutating func give(
    _ halt: Halt, _ why: WindowedHalt.Unknown, _ out: inout WindowedBatch
  ) {
    out.append(
      WindowedHalt(halt, unknown: why, effective: settings.at(halt.woke), gap: gap))
    gap = .none
  }
}
