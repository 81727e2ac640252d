/// How a guest kernel's recorded decisions compare with what the governor's rule says.
package struct LimitFidelity: Hashable, Sendable {
  /// A halt after which the kernel did something else than the rule says.
  package struct Contradiction: Hashable, Sendable {
    package var cpu: CPU
    package var time: Timestamp
    package var halt: Nanoseconds
    /// The limit in force, in ns, and the parameters.
    package var limit: UInt32
    package var parameters: GuestPollLimit.Parameters
    package var expected: GuestPollLimit.Change
    package var recorded: GuestPollLimit.Change
  }

  /// Recorded decisions.
  package var recorded: UInt64 = 0
  /// Of these, reproduced: kind, old and new.
  package var reproduced: UInt64 = 0
  /// Of the reproduced, those whose halt ended within the error of measuring it beside a bound.
  package var atEdge: UInt64 = 0
  /// Halts after which the kernel did what a shorter halt leads to.
  ///
  /// The host took the CPU away while the halt's end was traced. Where they are many, that is no
  /// explanation.
  package private(set) var delayed: UInt64 = 0
  /// Halts after which the kernel did something else, or nothing.
  package var contradicted: UInt64 { isRare ? others : others.plus(delayed) }
  private var others: UInt64 = 0
  /// On a shared host 1 of 4,928 decisions was (docs/method.md); 1 in 200 is no chance any more.
  private var isRare: Bool { delayed <= max(2, recorded / 200) }
  /// Idle times whose limit is not known, so that nothing could be checked.
  package var unknown: UInt64 = 0
  /// The earliest contradiction, and the earliest halt that was shorter than its events say.
  private var firstOther: Contradiction?
  private var firstDelayed: Contradiction?
  package var first: Contradiction? { isRare ? firstOther : firstOther ?? firstDelayed }

  package init() {}

  mutating func add(_ limited: LimitedIdle, _ check: LimitedIdle.Check, of cpu: CPU) {
    if limited.idle.decision != nil { recorded += 1 }
    switch check {
    case .agrees(let atEdge):
      guard limited.idle.decision != nil else { return }
      reproduced += 1
      if atEdge { self.atEdge += 1 }
    case .unchecked: unknown += 1
    case .explained(let expected):
      delayed += 1
      if firstDelayed == nil { firstDelayed = Contradiction(limited, expected, of: cpu) }
    case .contradicts(let expected):
      others += 1
      if firstOther == nil { firstOther = Contradiction(limited, expected, of: cpu) }
    }
  }

  /// Adds what was checked of another CPU.
  package mutating func merge(_ other: LimitFidelity) {
    recorded = recorded.plus(other.recorded)
    reproduced = reproduced.plus(other.reproduced)
    atEdge = atEdge.plus(other.atEdge)
    delayed = delayed.plus(other.delayed)
    others = others.plus(other.others)
    unknown = unknown.plus(other.unknown)
    firstOther = Self.earlier(firstOther, other.firstOther)
    firstDelayed = Self.earlier(firstDelayed, other.firstDelayed)
  }

  private static func earlier(_ one: Contradiction?, _ other: Contradiction?) -> Contradiction? {
    guard let one, let other else { return one ?? other }
    return other.time < one.time ? other : one
  }
}

extension LimitFidelity.Contradiction {
  fileprivate init(_ limited: LimitedIdle, _ expected: GuestPollLimit.Change, of cpu: CPU) {
    self.init(
      cpu: cpu, time: limited.idle.ended, halt: limited.idle.halt ?? .zero,
      limit: limited.limit ?? 0, parameters: limited.parameters, expected: expected,
      recorded: limited.idle.decision.map { .moved($0) } ?? .none)
  }
}
