package import PollTrace
internal import Synchronization

/// One vCPU of a recording: who it is, what was recorded of it, and its replay.
package struct RecordedVCPU: Sendable {
  package let identity: VCPUIdentity
  /// Where it ran: a vCPU is known by host, boot, VM and id.
  package let host: String
  /// The parameters that it obeyed, its VM's own ceiling put in.
  package let parameters: PollParameters
  package let rules: PollRules
  /// Whether its VM has a ceiling of its own, which the module parameter does not reach.
  package let hasOwnCeiling: Bool
  /// Its figures in the whole recording.
  package let figures: Figures
  /// What the logged halts show.
  package let logged: PollOutcome
  /// How often the logged halts fit into the recording: 1 where all were logged.
  package let weight: Double
  /// Nil where there are too few halts.
  package let replay: VCPUReplay?

  /// A vCPU with its `log`, which may be of parts of the recording only.
  package init(
    identity: VCPUIdentity, host: String, figures: Figures, log: HaltLog,
    parameters: PollParameters,
    rules: PollRules, hasOwnCeiling: Bool
  ) {
    let halts = Observation(log, ceiling: parameters.ceiling, rules: rules)
    let salt = UInt64(bitPattern: Int64(identity.thread.rawValue)) &* 0x2545_f491_4f6c_dd1d
    self.init(
      identity: identity, host: host, figures: figures, parameters: parameters, rules: rules,
      hasOwnCeiling: hasOwnCeiling,
      logged: VCPUReplay.recorded(halts),
      weight: log.entries.isEmpty
        ? 1 : max(1, Double(figures.measures.halts) / Double(log.entries.count)),
      replay: VCPUReplay(halts, parameters: parameters, rules: rules, salt: salt))
  }

  init(
    identity: VCPUIdentity, host: String, figures: Figures, parameters: PollParameters,
    rules: PollRules, hasOwnCeiling: Bool, logged: PollOutcome, weight: Double,
    replay: VCPUReplay?
  ) {
    self.identity = identity
    self.host = host
    self.figures = figures
    self.parameters = parameters
    self.rules = rules
    self.hasOwnCeiling = hasOwnCeiling
    self.logged = logged
    self.weight = weight
    self.replay = replay
  }

  /// The vCPUs of a report that halted, made ready on `threads` threads from the logs of their own
  /// threads, each of which is given away then: it is as large as what it becomes.
  package static func all(
    _ report: TraceReport, _ scope: TrackScope, _ logs: consuming [ThreadID: HaltLog],
    threads: Int = 1
  ) -> [RecordedVCPU] {
    let logs = Mutex(logs)
    let facts = report.trace.facts
    let host = [facts?.host, facts?.boot].compactMap(\.self).joined(separator: " ")
    let end = report.tally.last ?? Timestamp(.max)
    let vcpus = report.vcpus.filter { $0.figures.measures.halts > 0 }
    return Parallel.map(vcpus.count, threads: threads) { index in
      let vcpu = vcpus[index]
      let settings = scope.settings(of: vcpu.identity.thread)
      let log = logs.withLock { $0.removeValue(forKey: vcpu.identity.thread) }
      return RecordedVCPU(
        identity: vcpu.identity, host: host, figures: vcpu.figures, log: log ?? HaltLog(),
        parameters: settings.parameters(at: end),
        rules: settings.rules, hasOwnCeiling: settings.ownCeiling != nil)
    }
  }

  /// Its VM: name and process, as far as they are known.
  package var vm: String {
    let process = identity.process.map { "pid \($0.rawValue)" }
    guard let name = identity.vm else { return process ?? "unknown VM" }
    return process.map { "\(name) (\($0))" } ?? name
  }

  /// Its VM among all hosts.
  package var vmKey: String { host.isEmpty ? vm : "\(host): \(vm)" }
}
