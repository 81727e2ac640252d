package import PollTrace
internal import Synchronization

/// One vCPU of a recording: who it is, what was recorded of it, and its replay.
package struct RecordedVCPU: Sendable {
  package let identity: VCPUIdentity
  /// Where it ran, the host and its boot, or the trace's path: a vCPU is known by host, boot, VM and id.
  package let host: Untrusted
  /// The trace's time, the same for all vCPUs of a trace.
  package let span: RecordingSpan
  /// What it obeyed over time.
  package let settings: PollSettings
  /// Its figures in the whole recording.
  package let figures: Figures
  /// What the logged halts show, in the recording's blocks of time.
  package let logged: [PollOutcome]
  /// Their wake-up latencies, as often as they fit into the recording; a polled halt's is its poll's.
  let latencies: LatencyDistribution
  /// How often the logged halts fit into the recording: 1 where all were logged.
  package let weight: Double
  /// Nil where there are too few halts.
  package let replay: VCPUReplay?
  /// Why the replay guesses when other tasks end polls; nil where it does not.
  package var contentionGap: ContentionGap?
}

extension RecordedVCPU {
  /// A vCPU with its `log`, which may be of parts of the recording only.
  init(
    identity: VCPUIdentity, host: Untrusted, span: RecordingSpan, settings: PollSettings,
    figures: Figures, log: consuming HaltLog, others: OtherTasks? = nil,
    gap: ContentionGap = .notRecorded
  ) {
    let blocks = TimeBlocks(span)
    let halts = Observation(consume log)
    let salt = UInt64(bitPattern: Int64(identity.thread.rawValue)) &* 0x2545_f491_4f6c_dd1d
    let weight =
      halts.count == 0 ? 1 : max(1, Double(figures.measures.halts) / Double(halts.count))
    self.init(
      identity: identity, host: host, span: span, settings: settings, figures: figures,
      logged: halts.outcomes(in: blocks),
      latencies: LatencyDistribution(halts.seenLatencies, weight: weight), weight: weight,
      replay: VCPUReplay(
        halts, settings: settings, blocks: blocks, salt: salt, vcpu: identity, others: others))
    if replay?.guessesContention ?? false { contentionGap = gap }
  }

  /// The vCPUs of a report that halted, made ready on `threads` threads from the logs of their own
  /// threads, each of which is given away then: it is as large as what it becomes.
  ///
  /// `activity` is what else the host did. `number` is the report's among those that are replayed together.
  package static func all(
    _ report: TraceReport, _ scope: TrackScope, _ logs: consuming [ThreadID: HaltLog],
    _ activity: HostActivity = HostActivity(), number: Int = 0, threads: Int = 1
  ) -> [RecordedVCPU] {
    let facts = report.trace.facts
    // Of a trace that does not say its boot, numbers of processes tell nothing about another's.
    let isKnown = facts.map { !$0.boot.isEmpty } ?? false
    let host: Untrusted =
      isKnown ? "\(facts?.host ?? "") \(facts?.boot ?? "")" : report.trace.path
    let span = span(report, scope, logs, number)
    let vcpus = report.vcpus.filter { $0.figures.measures.halts > 0 }
    let others = others(logs, activity)
    let gap =
      activity.occupancyFitsUntil.map { ContentionGap.tooMany(fit: ($0 - span.begin).rawValue) }
      ?? (activity.occupancy != nil
        ? .damagedTimes : facts?.hasIdleSwitches ?? false ? .neverIdle : .notRecorded)
    let logs = Mutex(consume logs)
    return Parallel.map(vcpus.count, threads: threads) { index in
      let vcpu = vcpus[index]
      let settings = scope.settings(of: vcpu.identity.thread)
      var log = logs.withLock { $0.removeValue(forKey: vcpu.identity.thread) } ?? HaltLog()
      // Outside of their spans who else wanted the CPU is unknown: no halt there tells.
      let isKnown = scope.idleSwitches.map { log.keep(within: $0) } ?? true
      return RecordedVCPU(
        identity: vcpu.identity, host: host, span: span, settings: settings,
        figures: vcpu.figures, log: consume log, others: isKnown ? others : nil,
        gap: isKnown ? gap : .notRecorded)
    }
  }

  /// Who else wanted the CPUs, where that is recorded.
  private static func others(_ logs: [ThreadID: HaltLog], _ activity: HostActivity) -> OtherTasks? {
    activity.occupancy.map { OtherTasks($0, logs, interrupts: activity.interrupts) }
  }

  /// The trace's time from the first wake-up to the last.
  ///
  /// Blocks before the first VM and after the last one would look idle. The time of a sample is that
  /// which its spans are spread over.
  private static func span(
    _ report: TraceReport, _ scope: TrackScope, _ logs: borrowing [ThreadID: HaltLog],
    _ number: Int
  ) -> RecordingSpan {
    var begin = max(report.tally.first ?? Timestamp(0), scope.from)
    var end = min(report.tally.last ?? Timestamp(.max), scope.to)
    let logged = logs.values.reduce(0) { $0 + $1.entries.count }
    if logged >= report.vcpus.reduce(0 as UInt64, { $0 + $1.figures.measures.halts }) {
      begin = max(begin, logs.values.compactMap { $0.entries.first?.woke }.min() ?? begin)
      end = min(end, logs.values.compactMap { $0.entries.last?.woke }.max() ?? end)
    }
    return RecordingSpan(number: number, begin: begin, end: end, until: scope.to)
  }
}

extension RecordedVCPU {
  /// The parameters that it obeyed at the end of the recording, its VM's own ceiling put in.
  package var parameters: PollParameters { settings.parameters(at: span.until) }

  /// Whether its VM has a ceiling of its own, which the module parameter does not reach.
  package var hasOwnCeiling: Bool { settings.ownCeiling != nil }

  /// The recorded time, in ns.
  package var time: Double { Double(figures.time?.rawValue ?? 0) }

  /// What it obeyed while it was recorded, each set of parameters with its time in ns.
  var settingsOverTime: [(parameters: PollParameters, time: Double)] {
    let begins = settings.changes.indices.map {
      $0 == 0 ? span.begin : min(max(settings.changes[$0].since, span.begin), span.end)
    }
    let whole = max(1, Double((span.end - span.begin).rawValue))
    return begins.indices.map { index in
      let end = index + 1 < begins.count ? begins[index + 1] : span.end
      let length = settings.changes.count == 1 ? whole : Double((end - begins[index]).rawValue)
      var parameters = settings.changes[index].parameters
      if let ceiling = settings.ownCeiling { parameters.ceiling = ceiling }
      return (parameters, time * length / whole)
    }.filter { $0.time > 0 || settings.changes.count == 1 }
  }

  /// What was recorded, as KVM counts it; latency as measured, or as assumed where it was not.
  package var recorded: PollOutcome {
    let counters = figures.kernelCounters
    var outcome = PollOutcome()
    outcome.halts = Int64(clamping: figures.measures.halts)
    outcome.attempted = Int64(clamping: counters.attemptedPolls)
    outcome.successful = Int64(clamping: counters.successfulPolls)
    outcome.abandoned = Int64(clamping: figures.account.abandoned.count)
    outcome.successTime = TimeOffset(counters.successfulPollTime).rawValue
    outcome.failTime = TimeOffset(counters.failedPollTime).rawValue
    outcome.latency = logged.reduce(.zero, +).scaled(by: weight).latency
    return outcome
  }

  /// The wake-up latencies that were recorded; nil where no halt was logged.
  package var recordedLatencies: WakeLatencies<Double>? { WakeLatencies(latencies, recorded) }

  /// How many latencies a replay could learn from.
  var measuredLatencies: Double { Double(figures.measures.wakeLatency.count) / weight }

  /// Its VM: name and process, as far as they are known.
  package var vm: Untrusted { identity.vmName }

  /// Its VM among all hosts.
  package var vmKey: Untrusted { host.isEmpty ? vm : "\(host): \(vm)" }
}
