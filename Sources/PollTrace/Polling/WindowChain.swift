/// The poll window of one vCPU through a trace, from decision to decision.
///
/// Each decision tells the window on both of its sides, so the window of every halt is known, also
/// of those before the first decision, as long as no event is lost. Every halt with a known window
/// is checked against the rules. Chains of two parts of a trace join: what comes before a part's
/// first decision stays open until then.
package struct WindowChain: Hashable, Sendable {
  /// What is known of the window now.
  private enum State: Hashable {
    /// No decision since the chain began.
    case opening
    /// The last decision left it so; from 6.1 on it may exceed the ceiling until the next halt.
    case known(UInt32)
    /// Events were lost and no halt was seen since.
    case gap
    /// No decision since events were lost.
    case afterGap(UndecidedRun)
  }

  private var state = State.opening
  /// The halts before the chain's first decision or gap, and the halt of that decision.
  private var opening = UndecidedRun()
  private var firstDecided: (halt: Halt, isCounted: Bool)?
  private var openingIsOver = false

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

  package init() {}

  /// Takes the next halt of the vCPU in.
  package mutating func add(
    _ halt: Halt, _ thread: ThreadID, _ settings: PollSettings, isCounted: Bool
  ) {
    if let decision = halt.decision {
      evidence.add(decision, after: halt.block, isValid: halt.isValid)
    }
    guard case .opening = state else { return follow(halt, thread, settings, isCounted: isCounted) }
    if let decision = halt.decision {
      firstDecided = (halt, isCounted)
      openingIsOver = true
      state = .known(decision.new)
    } else {
      opening.add(
        halt, ceiling: settings.parameters(at: halt.woke).ceiling, rules: settings.rules,
        isCounted: isCounted)
    }
  }

  /// Events that could have been this vCPU's are lost: nothing is known until the next decision.
  package mutating func breakOff() {
    switch state {
    case .opening: openingIsOver = true
    case .known, .gap: break
    case .afterGap(let run): forget(run)
    }
    windows.close()
    state = .gap
  }

  /// A halt that is not the chain's opening.
  private mutating func follow(
    _ halt: Halt, _ thread: ThreadID, _ settings: PollSettings, isCounted: Bool
  ) {
    switch state {
    case .opening:
      break
    case .gap:
      if let decision = halt.decision {
        decide(halt, thread, settings, window: decision.old, isCounted: isCounted)
      } else {
        // Its decision may be among the lost events.
        fidelity.unknown += 1
        unknown += isCounted ? 1 : 0
        state = .afterGap(UndecidedRun())
      }
    case .afterGap(var run):
      if let decision = halt.decision {
        fold(run, window: decision.old, settings.parameters(at: halt.woke))
        decide(halt, thread, settings, window: decision.old, isCounted: isCounted)
      } else {
        run.add(
          halt, ceiling: settings.parameters(at: halt.woke).ceiling, rules: settings.rules,
          isCounted: isCounted)
        state = .afterGap(run)
      }
    case .known(let left):
      decide(halt, thread, settings, window: left, isCounted: isCounted)
    }
  }

  /// A halt that began with a window of `left` ns: checks it, counts it, moves on.
  private mutating func decide(
    _ halt: Halt, _ thread: ThreadID, _ settings: PollSettings, window left: UInt32, isCounted: Bool
  ) {
    let parameters = settings.parameters(at: halt, window: left)
    var window = PollWindow(length: left)
    window.enter(ceiling: parameters.ceiling, rules: settings.rules)
    let recorded = halt.decision.map { PollWindow.Change.moved($0.move, old: $0.old, new: $0.new) }
    if let decision = halt.decision, decision.old < left, !settings.rules.growIsCut {
      evidence.addCut(to: decision.old)
    }
    let inForce = halt.decision?.old ?? window.length
    let expected = window.leave(
      after: halt.block.rawValue, isValid: halt.isValid, parameters: parameters,
      rules: settings.rules)
    if let recorded {
      fidelity.recorded += 1
      if recorded == expected {
        fidelity.reproduced += 1
      } else {
        fidelity.contradicted += 1
        let contradiction = Fidelity.Contradiction(
          thread: thread, time: halt.woke, block: halt.block, window: left, parameters: parameters,
          expected: expected, recorded: recorded)
        if fidelity.first.map({ halt.woke < $0.time }) ?? true { fidelity.first = contradiction }
      }
    } else if expected != .none {
      fidelity.refused += 1
      window.length = inForce
    }
    if isCounted { account.add(halt, window: inForce, rules: settings.rules) }
    let next = halt.decision?.new ?? window.length
    windows.add(
      halt, window: inForce, next: settings.rules.growIsCut ? next : min(next, parameters.ceiling),
      isCounted: isCounted)
    state = .known(next)
  }

  /// The run's window turned out to be `window` ns.
  private mutating func fold(_ run: UndecidedRun, window: UInt32, _ parameters: PollParameters) {
    guard run.count > 0 else { return }
    if window == 0 {
      account.merge(run.ifClosed)
      if parameters.ceiling != 0 { fidelity.refused += run.shorterThanCeiling }
    } else {
      account.merge(run.ifOpen)
    }
    windows.add(halts: run.counted, window: window)
  }

  /// The run's window will never be known.
  private mutating func forget(_ run: UndecidedRun) {
    fidelity.unknown += run.count
    unknown += run.counted
  }

  /// Goes on where `self` ends with the chain of the next part of the trace.
  package mutating func append(
    _ later: WindowChain, _ thread: ThreadID, _ settings: PollSettings
  ) {
    switch state {
    case .opening: opening.merge(later.opening)
    case .known(let left):
      var window = PollWindow(length: left)
      let parameters = changesParameters(of: later, settings)
      window.enter(ceiling: parameters.ceiling, rules: settings.rules)
      fold(later.opening, window: window.length, parameters)
      if parameters.ceiling == 0, later.opening.count > 0 { window.length = 0 }
      state = .known(later.opening.count > 0 ? window.length : left)
    case .gap:
      if later.opening.count > 0 { state = .afterGap(later.opening) }
    case .afterGap(var run):
      run.merge(later.opening)
      state = .afterGap(run)
    }
    if let first = later.firstDecided {
      if case .opening = state {
        firstDecided = first
        openingIsOver = true
      } else {
        follow(first.halt, thread, settings, isCounted: first.isCounted)
      }
    } else if later.openingIsOver {
      breakOff()
    }
    if later.openingIsOver { state = later.state }
    account.merge(later.account)
    fidelity.merge(later.fidelity)
    evidence.merge(later.evidence)
    windows.append(later.windows)
    inferred += later.inferred
    unknown += later.unknown
  }

  private func changesParameters(of later: WindowChain, _ settings: PollSettings) -> PollParameters
  {
    settings.parameters(at: later.firstDecided?.halt.woke ?? Timestamp(.max))
  }

  /// The trace ends: what is open is settled by the first decision, else by the rules.
  ///
  /// Without any decision the rules leave one answer where they leave any: a ceiling of 0 closes
  /// every window, and an open window would have shrunk at a halt longer than the ceiling.
  package mutating func finish(at end: Timestamp, _ thread: ThreadID, _ settings: PollSettings) {
    let parameters = settings.parameters(at: firstDecided?.halt.woke ?? end)
    if let first = firstDecided {
      let old = first.halt.decision?.old ?? 0
      fold(opening, window: old, parameters)
      let now = state
      let later = windows
      windows = WindowShares()
      windows.begin(at: opening.began ?? first.halt.began, window: old)
      decide(first.halt, thread, settings, window: old, isCounted: first.isCounted)
      windows.append(later)
      state = now
    } else if opening.count > 0, parameters.ceiling == 0 || opening.longerThanCeiling > 0 {
      fold(opening, window: 0, parameters)
      windows.begin(at: opening.began ?? end, window: 0)
      if parameters.ceiling != 0 { inferred += opening.counted }
    } else {
      forget(opening)
    }
    opening = UndecidedRun()
    if case .afterGap(let run) = state { forget(run) }
    windows.finish(at: end)
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.state == right.state && left.opening == right.opening
      && left.firstDecided?.halt == right.firstDecided?.halt && left.account == right.account
      && left.fidelity == right.fidelity && left.evidence == right.evidence
      && left.windows == right.windows && left.inferred == right.inferred
      && left.unknown == right.unknown
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(fidelity) }
}
