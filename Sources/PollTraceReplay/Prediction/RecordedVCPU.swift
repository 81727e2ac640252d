package import PollTrace

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
    identity: VCPUIdentity, host: String, figures: Figures, log: HaltLog, parameters: PollParameters,
    rules: PollRules, hasOwnCeiling: Bool
  ) {
    self.identity = identity
    self.host = host
    self.figures = figures
    self.parameters = parameters
    self.rules = rules
    self.hasOwnCeiling = hasOwnCeiling
    let salt = UInt64(bitPattern: Int64(identity.thread.rawValue)) &* 0x2545_f491_4f6c_dd1d
    replay = VCPUReplay(log, parameters: parameters, rules: rules, salt: salt)
    logged = VCPUReplay.recorded(log, ceiling: parameters.ceiling, rules: rules)
    weight =
      log.entries.isEmpty
      ? 1 : max(1, Double(figures.measures.halts) / Double(log.entries.count))
  }

  /// Its VM among all hosts.
  package var vmKey: String {
    let vm = identity.vm ?? identity.process.map { "pid \($0.rawValue)" } ?? "unknown"
    let process = identity.vm == nil ? "" : identity.process.map { " (pid \($0.rawValue))" } ?? ""
    return host.isEmpty ? vm + process : "\(host): \(vm)\(process)"
  }
}
