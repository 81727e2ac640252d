internal import PollTrace
internal import PollTraceReplay

extension Advice {
  /// What to do next to be surer, in one line; nil where the answer says it, or where there is nothing to ask.
  var nextStep: String? {
    if case .none(let lacks) = value.verdict, lacks.contains(where: \.isOfRecording) { return nil }
    guard let prediction = (value.recommended ?? value.current).prediction else { return nil }
    return "To be surer: \(step(prediction.cost))"
  }

  private func step(_ cost: Prediction.Estimate) -> String {
    if !value.hasSchedulerEvents {
      return "record without --no-sched, so that latencies are measured."
    }
    if let gap = value.contentionGap, gap != .damagedTimes {
      return gap.remedy.lowercasedFirst
    }
    if case .keep(.withinChance(let share, let error)) = value.verdict, share > 0 {
      let times = min(max(4 * error * error / (share * share), 2), 100)
      return "record \(Numbers.fixed(times.rounded(.up), 0)) times as long, until the gain is more "
        + "than chance."
    }
    let doubt = cost.doubt
    let isPlaced = cost.near != cost.range
    let part = { (width: Double) in Numbers.percent(doubt.width > 0 ? width / doubt.width : 0) }
    if doubt.recording > doubt.nothing {
      return
        "record four times as long; \(part(doubt.recording)) of the cost's range is due to how "
        + "little was recorded."
    }
    if isPlaced {
      return "pin vCPUs and record again; where the scheduler places tasks is chance, and no "
        + "recording narrows it."
    }
    return
      "set it and record again; \(part(doubt.nothing)) of the cost's range does not narrow with "
      + "more of the same recording."
  }
}

extension Recommendation.Lack {
  /// Whether another recording mends it.
  fileprivate var isOfRecording: Bool {
    if case .noSettingKeeps = self { return false }
    return true
  }
}

extension ContentionGap {
  /// Why it is guessed.
  var why: String {
    switch self {
    case .tooMany: "The trace shows more times of other tasks than are kept."
    case .notRecorded: "When they come is not recorded."
    case .neverIdle:
      "No CPU was idle while another task came, so that the trace does not show how long it stayed."
    case .damagedTimes: "The times of the trace are damaged."
    }
  }

  /// What to do about it, as a sentence.
  var remedy: String {
    switch self {
    case .tooMany(let fit):
      "Take a part of the trace with --from and --to, of \(Numbers.time(Double(fit))) at most."
    case .notRecorded: "Record with --sched full."
    case .neverIdle: "Record under less load, or pin vCPUs to CPUs of their own."
    case .damagedTimes: "Record again."
    }
  }
}

extension String {
  /// The same within a sentence.
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
