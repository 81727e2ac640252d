/// An idle time with the limit that the governor's rule gave it, and whether its decision agrees.
package struct LimitedIdle: Hashable, Sendable {
  package enum Check: Hashable, Sendable {
    /// The kernel did what the rules say; `atEdge`: within the error of measuring the halt.
    case agrees(atEdge: Bool)
    case contradicts(expected: GuestPollLimit.Change)
    /// A shorter halt explains it: the CPU may have been taken away between the kernel's looking at its
    /// clock and the event.
    case explained(expected: GuestPollLimit.Change)
    /// The limit is not known.
    case unchecked
  }

  package var idle: Idle
  /// In ns; nil where it is not known.
  package var limit: UInt32?
  /// The limit that it left.
  package var next: UInt32?
  package var check: Check
  /// The same by the rules of kernels with the backport, or without it.
  package var checkOfOther: Check
  package var parameters: GuestPollLimit.Parameters
}

/// Follows the limit of one CPU through a trace.
///
/// Decisions tell it; between two decisions it stays. A CPU that halts twice without a poll between has
/// none, and one that polls has one: so a limit of 0 is known without any decision.
struct LimitTracker: Sendable {
  private var settings: GuestSettings
  private var only: GuestPollLimit.Parameters?
  private(set) var limit: UInt32?
  /// Idle times whose limit only a later decision tells.
  private var held: [Idle] = []
  /// Whether the idle time before ended in a halt: then the next one polls if there is a limit.
  private var followsHalt = false
  /// Places where limits do not join.
  private(set) var gaps: UInt64 = 0

  /// How many idle times wait for a decision at most.
  private static let mostHeld = 4_096
  /// A halt is taken to be up to so much shorter than its events lie apart.
  ///
  /// The governor's clock is read behind the event of the way in and before that of the way out
  /// (`cpuidle_enter_state()`, linux drivers/cpuidle/cpuidle.c); docs/method.md has what was measured.
  static let edge: UInt64 = 2_000

  init(_ settings: GuestSettings) {
    (self.settings, only) = (settings, Self.only(of: settings))
  }

  /// The parameters where they never change.
  private static func only(of settings: GuestSettings) -> GuestPollLimit.Parameters? {
    settings.changes.count == 1 ? settings.changes[0].parameters : nil
  }

  /// Takes the next idle time in; those that are settled go to `take`.
  mutating func add(_ idle: Idle, _ take: (LimitedIdle) -> Void) {
    if limit == nil, let shown = shown(by: idle) { open(shown, take) }
    if let known = limit, disagrees(idle, known) {
      gaps += 1
      limit = shown(by: idle)
    }
    followsHalt = idle.halted != nil
    guard let limit else {
      held.append(idle)
      if held.count > Self.mostHeld { giveUp(take) }
      return
    }
    settle(idle, limit, take)
  }

  /// The limit that `idle` itself shows.
  private func shown(by idle: Idle) -> UInt32? {
    if let decision = idle.decision { return decision.old }
    return followsHalt && idle.poll == nil ? 0 : nil
  }

  private func disagrees(_ idle: Idle, _ limit: UInt32) -> Bool {
    if let decision = idle.decision, decision.old != limit { return true }
    if idle.poll != nil { return limit == 0 }
    return followsHalt && limit > 0
  }

  /// The limit turns out to have been `shown` since it was lost.
  private mutating func open(_ shown: UInt32, _ take: (LimitedIdle) -> Void) {
    limit = shown
    let waiting = held
    held = []
    for idle in waiting { settle(idle, shown, take) }
  }

  private mutating func settle(_ idle: Idle, _ limit: UInt32, _ take: (LimitedIdle) -> Void) {
    let next = idle.decision?.new ?? limit
    self.limit = next
    let parameters = only ?? settings.parameters(at: idle.ended)
    take(
      LimitedIdle(
        idle: idle, limit: limit, next: next,
        check: check(idle, limit, parameters, settings.rules),
        checkOfOther: check(idle, limit, parameters, settings.rules.alternative),
        parameters: parameters))
  }

  private func check(
    _ idle: Idle, _ limit: UInt32, _ parameters: GuestPollLimit.Parameters, _ rules: GuestRules
  ) -> LimitedIdle.Check {
    guard let halt = idle.halt?.rawValue else {
      return idle.decision == nil ? .agrees(atEdge: false) : .contradicts(expected: .none)
    }
    let recorded = idle.decision.map { GuestPollLimit.Change.moved($0) } ?? .none
    var expected = GuestPollLimit.Change.none
    for (number, residency) in [halt, halt - min(halt, Self.edge)].enumerated() {
      for parameters in only == nil ? settings.candidates(at: idle.ended) : [parameters] {
        var limit = GuestPollLimit(length: limit)
        let change = limit.reflect(residency, parameters, rules)
        // Decisions that leave a limit of 0 are not recorded (EventSelection).
        if change == recorded || recorded == .none && change.staysAtZero {
          return .agrees(atEdge: number > 0)
        }
        if number == 0, expected == .none { expected = change }
      }
    }
    return isMove(recorded, fromShorter: halt, limit, parameters, rules)
      ? .explained(expected: expected) : .contradicts(expected: expected)
  }

  /// Whether `recorded` is what a halt shorter than `halt` leads to.
  private func isMove(
    _ recorded: GuestPollLimit.Change, fromShorter halt: UInt64, _ length: UInt32,
    _ parameters: GuestPollLimit.Parameters, _ rules: GuestRules
  ) -> Bool {
    // The longest halt that grows, and the longest that changes nothing.
    [UInt64(parameters.most), UInt64(length)].contains { residency in
      var limit = GuestPollLimit(length: length)
      return residency < halt && limit.reflect(residency, parameters, rules) == recorded
    }
  }

  /// Events are missing here: the limit is not known any more.
  mutating func breakOff(_ take: (LimitedIdle) -> Void) {
    giveUp(take)
    (limit, followsHalt) = (nil, false)
  }

  /// From now on it obeys `settings`.
  mutating func obey(_ settings: GuestSettings) {
    (self.settings, only) = (settings, Self.only(of: settings))
  }

  /// Hands out what waits, which will not be told.
  mutating func giveUp(_ take: (LimitedIdle) -> Void) {
    for idle in held {
      take(
        LimitedIdle(
          idle: idle, limit: nil, next: nil, check: .unchecked, checkOfOther: .unchecked,
          parameters: settings.parameters(at: idle.ended)))
    }
    held = []
  }
}

extension GuestPollLimit.Change {
  fileprivate var staysAtZero: Bool {
    if case .moved(let decision) = self { return decision.old == 0 && decision.new == 0 }
    return false
  }
}
