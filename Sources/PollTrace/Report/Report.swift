/// Everything a renderer may show of one or more traces.
package struct Report: Hashable, Sendable {
  package var traces: [TraceReport]
  /// Each vCPU over all traces.
  package var vcpus: [VCPUTotal]
  /// All vCPUs of all traces together.
  package var total: Figures
  /// All CPUs of all guests' traces together.
  package var guestTotal: IdleFigures
  /// Whether all traces are of guests.
  package var isGuests: Bool { !traces.isEmpty && traces.allSatisfy { $0.guest != nil } }
  /// Guests' traces beside their hosts'.
  package var sides: [BothSides] = []
  /// What became of traces that are not among them.
  private var leftOut: Ledger

  /// `leftOut` tells of traces that could not be read.
  package init(_ traces: [TraceReport], leftOut: Ledger = Ledger()) {
    self.traces = traces
    self.leftOut = leftOut
    vcpus = VCPUTotal.all(of: traces)
    guestTotal = IdleFigures(
      totalOf: traces.lazy.flatMap { $0.guest?.cpus ?? [] }.map(\.figures))
    total = Figures(totalOf: traces.lazy.flatMap(\.vcpus).map(\.figures))
  }

  /// How many blocks of trials were recorded.
  package var trialBlocks: Int { traces.reduce(0) { $0 + ($1.trace.facts?.trial.count ?? 0) } }

  /// What all traces could not tell.
  package var ledger: Ledger {
    var ledger = traces.reduce(into: leftOut) { ledger, trace in ledger.merge(trace.ledger) }
    for pair in overlaps {
      let (one, other) = (traces[pair.lowerBound].trace, traces[pair.upperBound].trace)
      ledger.note(.overlappingTraces, 1, "\(one.path) and \(other.path)")
    }
    return ledger
  }

  /// The first and last of two traces that recorded the same vCPU at the same time.
  private var overlaps: [ClosedRange<Int>] {
    var found: Set<ClosedRange<Int>> = []
    for vcpu in vcpus {
      for (place, later) in vcpu.traces.enumerated() {
        for earlier in vcpu.traces[..<place] where overlap(earlier, later) {
          found.insert(earlier...later)
        }
      }
    }
    return found.sorted { ($0.upperBound, $0.lowerBound) < ($1.upperBound, $1.lowerBound) }
  }

  private func overlap(_ one: Int, _ other: Int) -> Bool {
    guard let one = traces[one].trace.facts, let began = one.began, let ended = one.ended,
      let other = traces[other].trace.facts, let otherBegan = other.began,
      let otherEnded = other.ended
    else { return false }
    return one.clock == other.clock && began < otherEnded && otherBegan < ended
  }
}

/// One trace's report.
package struct TraceReport: Hashable, Sendable {
  package var trace: TraceDescription
  package var tally: ReadTally
  /// From the first event to the last, or as recorded; nil where the clock is not time.
  package var duration: Nanoseconds?
  /// The rules and the parameters from the beginning, and each change.
  package var settings: PollSettings
  package var sources: ParameterSources
  /// Whether the trace has the decisions (`kvm_halt_poll_ns`): else windows are not known.
  package var decisionsAreRecorded: Bool
  /// Whether the trace has wake-ups (`kvm_vcpu_wakeup`), or no decision that lacks one.
  package var wakeupsAreRecorded = true
  /// By VM and vCPU.
  package var vcpus: [VCPUReport]
  /// The vCPUs that are not shown, since none of their halts is among those asked for.
  package var leftOut: [VCPUIdentity] = []
  package var ledger: Ledger
  /// The axis of its vCPUs' timelines, where those were asked for.
  package var axis: Timeline.Axis?
  /// Of a guest's own polling; then there are no vCPUs.
  package var guest: GuestReport?

  package init(
    trace: TraceDescription, tally: ReadTally, duration: Nanoseconds?, settings: PollSettings,
    sources: ParameterSources, decisionsAreRecorded: Bool, vcpus: [VCPUReport],
    leftOut: [VCPUIdentity], ledger: Ledger
  ) {
    self.trace = trace
    self.tally = tally
    self.duration = duration
    self.settings = settings
    self.sources = sources
    self.decisionsAreRecorded = decisionsAreRecorded
    self.vcpus = vcpus
    self.leftOut = leftOut
    self.ledger = ledger
  }

  /// The trace's time on its own clock, less what the user left out; nil where the clock is not time.
  package var span: ClosedRange<Timestamp>?

  /// Events known to be lost on all CPUs.
  package var lostEvents: UInt64 {
    tally.lost.values.reduce(tally.lostOnAnyCPU) { $0.plus($1) }
  }
  /// Whether there are halts, but none of those asked for.
  package var matchesNothing: Bool { vcpus.isEmpty && !leftOut.isEmpty }
  /// The parameters that held in the beginning.
  package var parameters: PollParameters { settings.changes[0].parameters }
}

/// One vCPU's report.
package struct VCPUReport: Hashable, Sendable {
  /// Where a ceiling is known from.
  package enum CeilingSource: String, Hashable, Sendable {
    case parameter
    case inferred
  }
  package var identity: VCPUIdentity
  package var figures: Figures
  /// The ceiling of its VM at the end, in ns.
  package var ceiling: UInt32
  package var ceilingSource: CeilingSource
  /// Its halts over time, where pictures were asked for.
  package var timeline: Timeline?

  package init(
    identity: VCPUIdentity, figures: Figures, ceiling: UInt32, ceilingSource: CeilingSource
  ) {
    self.identity = identity
    self.figures = figures
    self.ceiling = ceiling
    self.ceilingSource = ceilingSource
  }
}
