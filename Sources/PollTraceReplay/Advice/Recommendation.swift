package import PollTrace

/// Which setting fits the recorded guests, how sure that is, and what else could be done.
package struct Recommendation: Sendable {
  /// What the recording leads to.
  package enum Verdict: Hashable, Sendable {
    /// Another setting is clearly better.
    case change
    /// None is: keep what there is.
    case keep(Reason)
    /// The recording does not carry a recommendation.
    case none([Lack])
  }
  /// Why nothing should be changed.
  package enum Reason: Hashable, Sendable {
    /// The best would save less than is worth a change: the share of cost that it saves.
    case tooLittle(Double)
    /// The gain lies within what chance does: it and its standard error, shares of cost.
    case withinChance(Double, Double)
    /// Under a supposition that the recording leaves open the best would be worse.
    case dependsOnTheUnseen(Double)
    /// What was fitted on one half did not hold on the other: the ratio of costs.
    case failedHoldout(Double)
    /// What is set is the best found.
    case isBest
  }
  /// What is missing for a recommendation.
  package enum Lack: Hashable, Sendable {
    case halts(UInt64, least: UInt64)
    case duration(Double, least: Double)
    case lostEvents(UInt64)
    case contradictions(UInt64)
    case nothingReplayed
  }
  /// A VM that a ceiling of its own would serve better.
  package struct PerVM: Hashable, Sendable {
    package let vm: String
    package let ceiling: UInt32
    /// Its cost under that, against its cost under the host's recommended setting.
    package let costRatio: Double
    package let halts: Int64
  }
  package struct Holdout: Hashable, Sendable {
    /// Cost on the second half of the setting that is best on the first, against the current one's.
    package let costRatio: Double
    package let parameters: PollParameters
  }

  package let objective: Objective
  /// The most CPU that polling may take, as a share; nil for no limit.
  package let maxPollShare: Double?
  package let verdict: Verdict
  package let rules: PollRules
  package let time: Double
  package let recorded: PollOutcome
  package let current: Choice
  package let recommended: Choice?
  package let choices: [Choice]
  package let front: [Choice]
  package let alternatives: [Alternative]
  package let perVM: [PerVM]
  package let patterns: [Pattern]
  package let holdout: Holdout?
  /// What the change wins at worst: neighbours as recorded, and wherever tasks are placed; in ns.
  package let worstGain: (near: Double, far: Double)?
  package let halts: UInt64
  package let fidelity: Fidelity
  /// VMs with ceilings of their own, which the module parameter does not reach.
  package let ownCeilings: [String]
  /// The vCPUs that spend most on failed polls: who, the share of a CPU, the share of all.
  package let burners: [(label: String, share: Double, ofAll: Double)]
  package let hasSchedulerEvents: Bool
}
