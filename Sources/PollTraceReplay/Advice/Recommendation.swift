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
    /// Under an assumption that the recording leaves open the best would be worse.
    case dependsOnTheUnseen(Double)
    /// What was fitted on one half did not hold on the other: the ratio of costs.
    case failedHoldout(Double)
    /// What is set is the best found.
    case isBest
    /// Nothing that was tried polls less and keeps the limit of wake-up latency.
    case pollsLeast
    /// What does would save so small a share of a CPU.
    case pollsLittleLess(Double)
  }
  /// What is missing for a recommendation.
  package enum Lack: Hashable, Sendable {
    case halts(UInt64, least: UInt64)
    case duration(Double, least: Double)
    case lostEvents(UInt64)
    /// The recorder left events out as it was told.
    case filtered
    case contradictions(UInt64)
    case nothingReplayed
    /// Without kvm_halt_poll_ns no poll window is known.
    case decisionsNotRecorded
    /// Every VM has a ceiling of its own: the module parameters reach none.
    case nothingReached
    /// No setting that was tried keeps the limit of wake-up latency.
    case noSettingKeeps(WakeLatencyLimit)
  }
  /// A VM that a ceiling of its own would serve better.
  package struct PerVM: Hashable, Sendable {
    package let vm: Untrusted
    package let ceiling: UInt32
    /// Its cost under that, against its cost under the host's recommended setting.
    package let costRatio: Double
    package let halts: Int64
    /// The ceiling of its own that it has now; nil where the host's parameter reaches it.
    package let ownCeiling: UInt32?
  }
  /// A VM with a ceiling of its own (KVM_CAP_HALT_POLL), which the module parameter does not reach.
  package struct Unreached: Hashable, Sendable {
    package let vm: Untrusted
    package let ceiling: UInt32
    package let vcpus: Int
    /// Its vCPUs' time, and how much of it they polled, in ns.
    package let time: Double
    package let pollTime: Double
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
  /// What the hosts have in common of how kvm's parameters are set.
  package let module: KVMModule
  /// Time, outcomes and halts here and below are of the VMs that the module parameters reach.
  package let time: Double
  package let recorded: PollOutcome
  /// The parameters that were in force, with their shares of the time, and whether they changed.
  package let recordedUnder: [(parameters: PollParameters, share: Double)]
  package let settingsChanged: Bool
  /// How many different settings the hosts had at the end.
  package let hostSettings: Int
  package let current: Choice
  package let recommended: Choice?
  package let choices: [Choice]
  package let front: [Choice]
  /// The setting of least latency that the limit allows, with its prediction; of those within a hundredth
  /// of it, the one that polls least.
  package let leastLatency: Choice?
  package let alternatives: [Alternative]
  package let perVM: [PerVM]
  package let unreached: [Unreached]
  package let patterns: [Pattern]
  package let holdout: Holdout?
  /// What the change wins at worst: neighbours as recorded, and wherever tasks are placed; in ns.
  package let worstGain: (near: Double, far: Double)?
  package let halts: UInt64
  package let fidelity: Fidelity
  /// The vCPUs that spend most on failed polls: who, the share of a CPU, the share of all.
  package let burners: [(label: Untrusted, share: Double, ofAll: Double)]
  package let hasSchedulerEvents: Bool
  /// Why it is guessed when other tasks end polls; nil where it is not.
  package let contentionGap: ContentionGap?
  /// What the limit of wake-up latency comes to; nil where there is none.
  package var promise: Promise?
  /// How many blocks of trials are among what was recorded: halts of the same guests under several settings.
  package var trialBlocks = 0
}
