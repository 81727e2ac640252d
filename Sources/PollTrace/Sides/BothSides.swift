/// A guest's recording beside its host's: which side polled, when, and what the other side's polling would
/// cost.
package struct BothSides: Hashable, Sendable {
  /// How it is known which VM the guest is.
  package enum Match: String, Hashable, Sendable {
    /// The VM's UUID is the guest's own.
    case uuid
    /// The VM is called as the guest calls itself.
    case name
    /// There is no other VM, nor another guest.
    case only
  }
  /// Why no VM is the guest.
  package enum Stranger: String, Hashable, Sendable {
    /// Both were recorded by one running kernel: the CPUs are the host's own.
    case sameMachine = "same_machine"
    /// There are several VMs, and neither UUID nor name tells which.
    case severalVMs = "several_vms"
    case noVM = "no_vm"
  }
  /// A vCPU and the guest's CPU that it is, by their numbers.
  package struct Pair: Hashable, Sendable {
    package var vcpu: VCPUReport
    package var cpu: GuestReport.CPUReport
    /// Both in the time that the recordings have in common, as one bin; nil where that is not known.
    package var common: SideTimeline?
  }
  /// What is known of the guest's times on its host's clock.
  package enum Alignment: Hashable, Sendable {
    /// What is to be added to the guest's times; `fits`: how many of the host's halts end where one
    /// of the guest does.
    case known(offset: TimeOffset, isOption: Bool, fits: Fit?)
    /// The offset that the user named is wrong.
    case refuted(offset: TimeOffset, Fit)
    case unknown
  }
  /// Of `halts` of the host `fit` end with a halt of the guest; `byChance` would with any offset.
  package struct Fit: Hashable, Sendable {
    package var halts: UInt64
    package var fit: UInt64
    package var byChance: Double

    package init(halts: UInt64, fit: UInt64, byChance: Double) {
      (self.halts, self.fit, self.byChance) = (halts, fit, byChance)
    }

    /// Whether the offset can be right: four of five fit, and far more than chance has it.
    package var holds: Bool {
      let share = Double(fit) / Double(max(1, halts))
      return share >= max(0.8, (1 + byChance) / 2)
    }
    /// Fewer halts than this decide nothing.
    package static let least: UInt64 = 20
  }

  /// The places of both traces in the report.
  package var host: Int
  package var guest: Int
  /// The VM in the host's trace; nil where none is the guest, and why not.
  package var vm: VCPUIdentity?
  package var match: Match?
  package var stranger: Stranger?
  /// By number; those that only one side has are left out.
  package var pairs: [Pair] = []
  package var alignment = Alignment.unknown
  /// Both over time; nil where the clocks are not known to agree.
  package var timeline: SideTimeline?
  /// What either side's polling would cost; nil where nothing could be replayed.
  package var costs: SideCosts?

  package init(host: Int, guest: Int) { (self.host, self.guest) = (host, guest) }
}

/// How much one side, the other, or neither would poll, and how late wake-ups would be.
package struct SideCosts: Hashable, Sendable {
  package enum Side: String, Hashable, Sendable {
    case guest, host, neither
  }
  /// One of them, as the guest's recording has it.
  package struct Choice: Hashable, Sendable {
    package var side: Side
    /// In the kernel's words.
    package var setting: String
    /// The share of the CPUs' time that is polled.
    package var pollShare: Estimate
    /// The mean wake-up latency in ns.
    package var latency: Estimate
    /// The cost a second, in ns.
    package var cost: Estimate

    package init(
      side: Side, setting: String, pollShare: Estimate, latency: Estimate, cost: Estimate
    ) {
      (self.side, self.setting, self.pollShare) = (side, setting, pollShare)
      (self.latency, self.cost) = (latency, cost)
    }
  }
  /// A figure, and where it may lie.
  package struct Estimate: Hashable, Sendable {
    package var value: Double
    package var range: ClosedRange<Double>

    package init(_ value: Double, in range: ClosedRange<Double>) {
      (self.value, self.range) = (value, range)
    }
    /// One that was measured.
    package init(exactly value: Double) { self.init(value, in: value...value) }
  }
  /// Which side polls now; nil: both do, or it is not known.
  package var now: Side?
  /// The guest under its own rule, the guest with its host polling, and neither.
  package var choices: [Choice]
  /// The same of the host's recording, which has only the idle time that the guest did not poll away.
  package var byHost: [Choice]

  package init(now: Side?, choices: [Choice], byHost: [Choice]) {
    (self.now, self.choices, self.byHost) = (now, choices, byHost)
  }
}

extension BothSides {
  /// All pairs in the time in common; nil where that is not known.
  package var common: SideTimeline? {
    guard let first = pairs.first?.common else { return nil }
    return pairs.dropFirst().reduce(into: first) { sum, pair in
      if let other = pair.common { sum.merge(other) }
    }
  }

  /// The time that both sides of `pairs` are about, summed over the guest's CPUs.
  package var guestFigures: IdleFigures { IdleFigures(totalOf: pairs.map(\.cpu.figures)) }
  package var hostFigures: Figures { Figures(totalOf: pairs.map(\.vcpu.figures)) }
}
