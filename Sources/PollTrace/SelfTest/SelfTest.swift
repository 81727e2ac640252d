/// Whether a host's kernel polls as the model says: loads that were recorded, and what KVM counted of them.
package struct SelfTest: Hashable, Sendable {
  /// A VM that halts, as it was run.
  package struct Load: Hashable, Sendable {
    /// What it is, for people.
    package var title: String
    /// haltload's options.
    package var options: [String]
    /// The VM's own limit of the polling interval, in ns; nil where the host's parameters hold.
    package var limit: UInt32?

    package init(title: String, options: [String], limit: UInt32? = nil) {
      self.title = title
      self.options = options
      self.limit = limit
    }
  }

  /// A vCPU of a load, or all together where KVM has only sums (before 5.14).
  package struct VCPU: Hashable, Sendable {
    /// Its id; nil of all together.
    package var id: UInt32?
    package var counters: CounterComparison

    package init(id: UInt32?, counters: CounterComparison) {
      self.id = id
      self.counters = counters
    }
  }

  /// What came of a load.
  package struct Outcome: Hashable, Sendable {
    package var load: Load
    /// The rules that its trace was found to follow.
    package var rules: PollRules
    /// A limit of the VM's own that its trace was found to show, in ns.
    package var limit: UInt32?
    /// Halts that the trace shows of it.
    package var halts: UInt64
    package var polls: UInt64
    /// The kernel's grows and shrinks, checked one by one.
    package var fidelity: Fidelity
    /// Events that were lost while it was recorded, of any VM.
    package var lost: UInt64
    package var vcpus: [VCPU]
    /// vCPUs that ran and are not in the trace.
    package var missing: [UInt32]

    package init(
      load: Load, rules: PollRules, limit: UInt32?, halts: UInt64, polls: UInt64,
      fidelity: Fidelity, lost: UInt64, vcpus: [VCPU], missing: [UInt32]
    ) {
      self.load = load
      self.rules = rules
      self.limit = limit
      self.halts = halts
      self.polls = polls
      self.fidelity = fidelity
      self.lost = lost
      self.vcpus = vcpus
      self.missing = missing
    }

    /// Whether it is worth another try: events were lost, or measured times differ, which a busy machine
    /// lengthens.
    package var isWorthRepeating: Bool { lost > 0 || (!agrees && counts) }

    /// Whether all that is counted agrees, whatever the measured times.
    package var counts: Bool {
      decides && missing.isEmpty
        && vcpus.allSatisfy { $0.counters.differences.allSatisfy(\.isMeasured) }
    }

    /// Whether all that could be compared agrees.
    package var agrees: Bool {
      lost == 0 && decides && missing.isEmpty
        && vcpus.allSatisfy(\.counters.differences.isEmpty)
    }

    /// Whether a limit shows that nobody set.
    package var hasOtherLimit: Bool { load.limit == nil && limit != nil }

    /// Whether the kernel did at every halt what the rules say.
    package var decides: Bool {
      !hasOtherLimit && fidelity.reproduced == fidelity.recorded && fidelity.contradicted == 0
        && fidelity.unknown == 0 && fidelity.refused == 0
    }
  }

  /// What can be said.
  package enum Verdict: Hashable, Sendable {
    case asModelled
    case differs
    /// Counts, grows and shrinks are as modelled; times in polls were not, however often it was tried.
    case timesDiffer
    /// Events were lost, however often it was tried.
    case lost
    /// The kernel hardly polled, so nothing was tested.
    case tooFewPolls
  }

  /// The kernel's release.
  package var kernel: Untrusted
  package var outcomes: [Outcome]

  package init(kernel: Untrusted, outcomes: [Outcome]) {
    self.kernel = kernel
    self.outcomes = outcomes
  }

  /// The rules that the traces were found to follow; nil where they are not the same.
  package var rules: PollRules? {
    outcomes.first.flatMap { first in
      outcomes.allSatisfy { $0.rules == first.rules } ? first.rules : nil
    }
  }

  /// The rules that a kernel of that release has, where they are others, as backports bring them.
  package var otherRulesByRelease: PollRules? {
    PollRules.of(release: kernel.unescaped).flatMap { $0 == rules ? nil : $0 }
  }

  /// Fewer polls than this show little: windows have to open and close many times.
  package static let fewest: UInt64 = 200

  package var verdict: Verdict {
    let whole = outcomes.filter { $0.lost == 0 }
    if rules == nil || !whole.allSatisfy(\.counts) { return .differs }
    if whole.count < outcomes.count { return .lost }
    let polls = outcomes.reduce(0 as UInt64) { $0.plus($1.polls) }
    let moves = outcomes.reduce(0 as UInt64) { $0.plus($1.fidelity.recorded) }
    return polls < Self.fewest || moves < Self.fewest
      ? .tooFewPolls : outcomes.allSatisfy(\.agrees) ? .asModelled : .timesDiffer
  }
}
