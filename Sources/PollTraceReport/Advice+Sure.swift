internal import PollTrace
internal import PollTraceReplay

extension Advice {
  /// How far a recommendation can be trusted.
  enum Sureness {
    /// It gains under every assumption.
    case yes
    /// It gains if tasks stay where they ran.
    case ifPlacedAlike
    /// It may save nothing and slow wake-ups, or be worse.
    case no
  }

  /// Of a change it may cost this share of the cost before it counts as a try.
  private static let nothing = 0.005

  var sureness: Sureness {
    if let promise = value.promise {
      switch promise.recommended {
      case .kept: return .yes
      case .keptAsPlaced: return .ifPlacedAlike
      case .likely, .broken, nil: return .no
      }
    }
    switch value.verdict {
    case .none, .keep(.withinChance), .keep(.dependsOnTheUnseen), .keep(.failedHoldout): return .no
    case .keep(.isBest), .keep(.tooLittle), .keep(.pollsLeast), .keep(.pollsLittleLess): return .yes
    case .change:
      let now = max(1, value.objective.cost(value.current.outcome))
      guard let gain = value.worstGain else { return .yes }
      // A limit on polling may ask for a change that costs more.
      if gain.near <= 0 { return value.maxPollShare == nil ? .no : .yes }
      if gain.far > 0 { return .yes }
      return gain.far > -Self.nothing * now && !value.slowsWakeups ? .ifPlacedAlike : .no
    }
  }

  /// The same as a sentence, with its numbers.
  var surenessInWords: String {
    if value.promise != nil {
      switch sureness {
      case .yes: return "Yes: it keeps the limit under every assumption."
      case .ifPlacedAlike: return "If tasks stay where they ran: then it keeps the limit."
      case .no: return "No: a part of the predicted range is beyond the limit."
      }
    }
    let now = max(1, value.objective.cost(value.current.outcome))
    let cost = "\(value.objective.formula) (\(value.objective.rawValue))"
    switch (value.verdict, sureness) {
    case (.keep, .yes): return "Yes, for \(cost). Another goal may have another answer."
    case (.keep, _), (.none, _): return "No."
    case (.change, .yes):
      guard let gain = value.worstGain, gain.far > 0 else {
        return "Yes: it keeps the limit on polling."
      }
      return "Yes: it saves at least \(Numbers.percent(gain.far / now)) of \(cost) under every "
        + "assumption."
    case (.change, .ifPlacedAlike):
      let near = (value.worstGain?.near ?? 0) / now
      return "If tasks stay where they ran: then it saves at least \(Numbers.percent(near)) of "
        + "\(cost). Else it may save nothing."
    case (.change, .no):
      let far = -(value.worstGain?.far ?? 0) / now
      let cut =
        value.recorded.abandoned > 0
        ? "Other tasks cut short \(Numbers.grouped(value.recorded.abandoned)) of "
          + "\(Numbers.grouped(value.recorded.attempted)) polls. " : ""
      return "No. \(cut)If the scheduler places tasks otherwise, "
        + (far > Self.nothing
          ? "it costs up to \(Numbers.percent(far)) more of \(cost)."
          : "there may be no polling to save.")
    }
  }

  /// What helps where the recording carries no answer.
  static func remedy(_ lacks: [Recommendation.Lack]) -> String? {
    var words: [String] = []
    var record = false
    var buffer = ""
    for lack in lacks {
      switch lack {
      case .halts, .duration, .nothingReplayed: record = true
      case .lostEvents: (record, buffer) = (true, " --buffer-size 64M")
      case .filtered: words.append("record without a filter and on all CPUs")
      case .contradictions:
        words.append("name the kernel with --kernel, or the parameters with --parameters")
      case .decisionsNotRecorded:
        words.append("record kvm:kvm_halt_poll_ns as well, as polltrace record does")
      case .nothingReached: words.append("polltrace recommend says what limits the VMs could have")
      case .noSettingKeeps: words.append("allow a longer wake-up latency, or what is found below")
      }
    }
    if record { words.insert("polltrace record --duration 30\(buffer)", at: 0) }
    return words.isEmpty ? nil : words.joined(separator: "; ")
  }
}

extension Advice {
  /// Known patterns and VMs that other limits would serve better: a sentence for each kind, and how many
  /// more there are.
  var findings: [String] {
    let patterns = value.patterns.grouped { "\($0)".prefix { $0 != "(" } }
    return patterns.map { same in
      same[0].sentence + (same.count > 1 ? " \(same.count - 1) more vCPUs are alike." : "")
    }
  }

  /// What to know before acting, without what the answer itself says.
  var notes: [String] {
    var lines = warnings.filter { !unreached.contains($0) }
    if value.verdict == .change { lines.removeAll { $0 == Self.placementWarning } }
    return lines
  }
}

extension Recommendation {
  /// Whether the change makes wake-ups slower by more than a fifth.
  var slowsWakeups: Bool {
    guard verdict == .change, let then = recommended else { return false }
    return then.outcome.meanLatency > 1.2 * current.shown.meanLatency
  }
}

extension Objective {
  /// What is weighed: the cost.
  package var formula: String {
    latencyWeight == 1 ? "CPU + latency" : "CPU + \(Numbers.fixed(latencyWeight, 0)) × latency"
  }
}
