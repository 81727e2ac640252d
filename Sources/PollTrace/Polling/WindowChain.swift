/// The poll window of one vCPU through a trace, from decision to decision.
///
/// Each decision tells the window on both of its sides, so the window of every halt is known, also
/// of those before the first decision, as long as no event is lost. Every halt with a known window
/// is checked against the rules. Chains of two parts of a trace join: what comes before a part's
/// first decision stays open until then.
package struct WindowChain: Hashable, Sendable {
  /// What is known of the window now.
  enum State: Hashable {
    /// No decision since the chain began: the halts are in `opening`.
    case opening
    /// The last decision left it at `left`.
    case known
    /// Events were lost and no halt was seen since.
    case gap
    /// No decision since events were lost: the halts are in `run`.
    case afterGap
  }

  private let thread: ThreadID
  private(set) var state = State.opening
  /// The window that the last decision left; from 6.1 on it may exceed the ceiling until the next
  /// halt.
  private var left: UInt32 = 0
  /// The same as the last decision traced it, whatever the ceiling is taken to be.
  private var traced: UInt32?
  /// The halts before the chain's first decision or gap, and the halt of that decision.
  private var opening = UndecidedRun()
  private var firstDecided: (halt: Halt, isCounted: Bool)?
  private var openingIsOver = false
  /// Parameters seen up to then have shown to hold already (`PollSettings`).
  private var adopted = Timestamp(0)
  /// The halts since a gap.
  private var run = UndecidedRun()

  /// What polling did.
  package private(set) var account = PollAccount()
  /// How the decisions compare with the rules.
  package private(set) var fidelity = Fidelity()
  /// What the decisions say about ceiling and parameters.
  package private(set) var evidence = RuleEvidence()
  /// Time and halts at each window.
  package private(set) var windows = WindowShares()
  /// Counted halts whose window followed from the rules alone, and those whose window is unknown.
  package private(set) var inferred: UInt64 = 0
  package private(set) var unknown: UInt64 = 0

  package init(thread: ThreadID) { self.thread = thread }

  /// Takes the next halts of the vCPU in; the figures are about those that are `counted`.
  mutating func add(_ halts: Span<Halt>, _ laws: PollLaws, counted: Range<Int>) {
    evidence.add(halts)
    var next = 0
    while next < halts.count, state != .known || laws.only == nil {
      add(halts[next], laws, isCounted: counted.contains(next))
      next += 1
    }
    guard let law = laws.only else { return }
    // Once known the window stays known: a loop with everything at hand.
    for index in next..<halts.count {
      let isCounted = index >= counted.lowerBound && index < counted.upperBound
      obey(law, halts[index], window: left, isCounted: isCounted)
    }
  }

  /// Takes the next halt in.
  private mutating func add(_ halt: Halt, _ laws: PollLaws, isCounted: Bool) {
    guard state == .opening else { return follow(halt, laws, isCounted: isCounted) }
    if let decision = halt.decision {
      // It is settled when what came before is known, but shows already which parameters hold.
      _ = laws.law(for: halt, window: decision.old, adopted: &adopted)
      firstDecided = (halt, isCounted)
      openingIsOver = true
      state = .known
      left = decision.new
      traced = decision.new
    } else {
      opening.add(halt, laws.law(at: halt.woke), isCounted: isCounted)
    }
  }

  /// Whether the window known so far is not the one that `decision` found; a cut looks the same.
  func isAtOdds(with decision: Decision) -> Bool { state == .known && decision.old != left }

  /// Events that could have been this vCPU's are lost: nothing is known until the next decision.
  mutating func breakOff() {
    if state == .opening { openingIsOver = true }
    forget(run)
    run = UndecidedRun()
    traced = nil
    windows.close()
    state = .gap
  }

  /// Takes in a halt that is not of the chain's opening.
  private mutating func follow(
    _ halt: Halt, _ laws: PollLaws, isCounted: Bool
  ) {
    switch state {
    case .known, .opening:
      decide(halt, laws, window: left, isCounted: isCounted)
    case .gap, .afterGap:
      if let decision = halt.decision {
        fold(run, window: decision.old, laws.law(at: halt.woke).parameters)
        run = UndecidedRun()
        decide(halt, laws, window: decision.old, isCounted: isCounted)
      } else if state == .gap {
        // Its decision may be among the lost events.
        fidelity.unknown += 1
        unknown += isCounted ? 1 : 0
        state = .afterGap
      } else {
        run.add(halt, laws.law(at: halt.woke), isCounted: isCounted)
      }
    }
  }

  /// Checks a halt that began with a window of `before` ns, counts it, and moves on.
  private mutating func decide(
    _ halt: Halt, _ laws: PollLaws, window before: UInt32, isCounted: Bool
  ) {
    let law = laws.law(for: halt, window: before, adopted: &adopted)
    obey(law, halt, window: before, isCounted: isCounted)
  }

  @inline(__always)
  private mutating func obey(
    _ law: PollLaw, _ halt: Halt, window before: UInt32, isCounted: Bool
  ) {
    var window = PollWindow(length: before)
    window.enter(ceiling: law.ceilingAtEntry, rules: law.rules)
    if let decision = halt.decision, let traced, !law.rules.growIsCut {
      evidence.addEntry(left: traced, found: decision.old)
    }
    let inForce = halt.decision?.old ?? window.length
    let expected = window.leave(
      after: halt.block.rawValue, isValid: halt.isValid, parameters: law.parameters,
      rules: law.rules)
    if let decision = halt.decision {
      let recorded = PollWindow.Change.moved(decision.move, old: decision.old, new: decision.new)
      fidelity.recorded += 1
      if recorded == expected {
        fidelity.reproduced += 1
      } else {
        fidelity.add(
          Fidelity.Contradiction(
            thread: thread, time: halt.woke, block: halt.block, window: before,
            parameters: law.parameters, expected: expected, recorded: recorded))
      }
    }
    let isRefused = halt.decision == nil && expected != .none
    if isRefused {
      fidelity.refused += 1
      window.length = inForce
    }
    // A vCPU that may not poll did not, and keeps its window.
    if isCounted { account.add(halt, window: isRefused ? 0 : inForce, rules: law.rules) }
    left = halt.decision?.new ?? window.length
    traced = halt.decision?.new ?? traced
    windows.add(
      at: halt.woke, window: inForce,
      next: law.rules.growIsCut ? left : min(left, law.parameters.ceiling), isCounted: isCounted)
    state = .known
  }

  /// Settles a run whose window turned out to be `window` ns.
  private mutating func fold(
    _ run: UndecidedRun, window: UInt32, _ parameters: PollParameters
  ) {
    guard run.count > 0 else { return }
    if window == 0 {
      account.merge(run.ifClosed)
      if parameters.ceiling != 0 { fidelity.refused += run.shorterThanCeiling }
    } else {
      account.merge(run.ifOpen.settled(window: window))
      fidelity.refused += run.longerThanCeiling
    }
    windows.add(halts: run.counted, window: window)
  }

  /// Settles a run whose window will never be known.
  private mutating func forget(_ run: UndecidedRun) {
    fidelity.unknown += run.count
    unknown += run.counted
  }
}

extension WindowChain {
  /// Whether the window is known from here on, as long as nothing is lost.
  var isKnown: Bool { state == .known }

  /// Takes halts in that all count, the window being known; the same as one by one, but faster.
  mutating func add(_ halts: Span<TracedHalt>, _ law: PollLaw) {
    var next = 0
    while next < halts.count {
      next = follow(halts, from: next, law)
      guard next < halts.count else { return }
      let halt = halts[next].halt
      if let decision = halt.decision {
        evidence.add(decision, after: halt.block, isValid: halt.isValid)
      }
      obey(law, halt, window: left, isCounted: true)
      next += 1
    }
  }

  /// Takes halts in from `start` on as long as the kernel does what the rules say; gives back where
  /// it does not, or where halts end.
  private mutating func follow(
    _ halts: Span<TracedHalt>, from start: Int, _ law: PollLaw
  ) -> Int {
    let (ceiling, rules) = (law.parameters.ceiling, law.rules)
    guard var traced, ceiling != 0, windows.isOpen else { return start }
    var (left, recorded) = (left, 0 as UInt64)
    var (sum, widest, polls) = (0 as UInt64, 0 as UInt32, PollAccount.PlainSums())
    var index = start
    while index < halts.count {
      let (block, marks) = (halts[index].block, halts[index].marks)
      // What `PollWindow` does step by step.
      let window = rules.growIsCut ? left : min(left, ceiling)
      let isLonger = block.rawValue > UInt64(window)
      let grows = isLonger && window < ceiling && block.rawValue < UInt64(ceiling)
      let shrinks = isLonger && window != 0 && block.rawValue > UInt64(ceiling)
      guard marks & TracedHalt.valid != 0 else { break }
      if marks & TracedHalt.decided != 0 {
        let new = halts[index].new
        var expected = PollWindow(length: window)
        guard halts[index].old == window else { break }
        if marks & TracedHalt.grows != 0 {
          expected.grow(law.parameters, rules)
          guard grows, expected.length == new else { break }
          evidence.addGrow(from: window, to: new, after: block.rawValue)
        } else {
          expected.shrink(law.parameters, rules)
          guard shrinks, expected.length == new else { break }
          evidence.addShrink(from: window, to: new, after: block.rawValue)
        }
        if !rules.growIsCut { evidence.addEntry(left: traced, found: window) }
        windows.move(to: rules.growIsCut ? new : min(new, ceiling), at: halts[index].woke)
        (left, traced) = (new, new)
        recorded &+= 1
      } else if grows || shrinks {
        break
      } else {
        left = window
      }
      account.add(
        block, slept: marks & TracedHalt.slept != 0, window: window, rules: rules, &polls)
      sum &+= UInt64(window)
      widest = max(widest, window)
      index += 1
    }
    (self.left, self.traced) = (left, traced)
    fidelity.recorded += recorded
    fidelity.reproduced += recorded
    account.add(polls)
    windows.add(halts: UInt64(index - start), sum: sum, widest: widest)
    return index
  }

  /// Goes on where `self` ends with the chain of the next part of the trace.
  mutating func append(_ later: WindowChain, _ laws: PollLaws) {
    join(later.opening, before: later.firstDecided?.halt.woke, laws)
    if let first = later.firstDecided {
      if state == .opening {
        firstDecided = first
        openingIsOver = true
      } else {
        follow(first.halt, laws, isCounted: first.isCounted)
      }
    } else if later.openingIsOver {
      breakOff()
    }
    if later.openingIsOver {
      state = later.state
      left = later.left
      traced = later.traced
      run = later.run
    }
    adopted = max(adopted, later.adopted)
    account.merge(later.account)
    fidelity.merge(later.fidelity)
    evidence.merge(later.evidence)
    windows.append(later.windows)
    inferred += later.inferred
    unknown += later.unknown
  }

  /// Takes in the halts with which the next part of the trace opens.
  private mutating func join(
    _ later: UndecidedRun, before decided: Timestamp?, _ laws: PollLaws
  ) {
    guard later.count > 0 else { return }
    switch state {
    case .opening: opening.merge(later)
    case .gap:
      run = later
      state = .afterGap
    case .afterGap: run.merge(later)
    case .known:
      let law = laws.law(at: max(decided ?? Timestamp(.max), adopted))
      var window = PollWindow(length: left)
      window.enter(ceiling: law.parameters.ceiling, rules: law.rules)
      fold(later, window: window.length, law.parameters)
      left = law.parameters.ceiling == 0 ? 0 : window.length
    }
  }

  /// Ends the trace: what is open is settled by the first decision, else by the rules.
  ///
  /// Without any decision the rules leave one answer where they leave any: a ceiling of 0 closes
  /// every window, and an open window would have shrunk at a halt longer than the ceiling.
  mutating func finish(at end: Timestamp, _ laws: PollLaws) {
    let law = laws.law(at: firstDecided?.halt.woke ?? end)
    if let first = firstDecided {
      let old = first.halt.decision?.old ?? 0
      fold(opening, window: old, law.parameters)
      let (now, nowLeft, nowTraced, later) = (state, left, traced, windows)
      traced = nil
      windows = WindowShares()
      windows.begin(at: opening.began ?? first.halt.began, window: old)
      decide(first.halt, laws, window: old, isCounted: first.isCounted)
      windows.append(later)
      (state, left, traced) = (now, nowLeft, nowTraced)
    } else if opening.count > 0, law.parameters.ceiling == 0 || opening.longerThanCeiling > 0 {
      fold(opening, window: 0, law.parameters)
      windows.begin(at: opening.began ?? end, window: 0)
      if law.parameters.ceiling != 0 { inferred += opening.counted }
    } else {
      forget(opening)
    }
    opening = UndecidedRun()
    firstDecided = nil
    forget(run)
    run = UndecidedRun()
    windows.finish(at: end)
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.state == right.state && left.left == right.left && left.traced == right.traced
      && left.opening == right.opening
      && left.run == right.run && left.firstDecided?.halt == right.firstDecided?.halt
      && left.account == right.account && left.fidelity == right.fidelity
      && left.evidence == right.evidence && left.windows == right.windows
      && left.inferred == right.inferred && left.unknown == right.unknown
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(fidelity) }
}
