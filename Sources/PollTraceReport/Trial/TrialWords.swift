internal import PollTrace
internal import PollTraceReplay
package import PollTraceTrial

/// Sentences of a trial, for all renderers.
package struct TrialWords {
  let report: TrialReport

  package init(_ report: TrialReport) { self.report = report }

  /// What came out, and what is set now.
  package var verdict: String {
    let words = "\(finding): \(standing)"
    switch report.unreached.count {
    case 0: return words
    case 1: return words + "; 1 VM keeps a limit of its own"
    case let count: return words + "; \(count) VMs keep limits of their own"
    }
  }

  /// The VMs that the setting's limit does not reach.
  var unreached: [String] {
    report.unreached.map {
      Advice.unreached($0.vm, ceiling: $0.ceiling) + " Its halts are counted all the same."
    }
  }

  /// What was found out.
  var finding: String {
    if case .early(let why) = report.end { return why.terminal }
    switch report.verdict {
    case .better(let setting):
      let effect = report.effects[setting - 1]
      return "\(name(setting)) is better: cost \(Self.change(effect.ratio, effect.range))"
    case .harmful(let harm): return Self.words(harm)
    case .indifferent: return "no difference that matters (\(Numbers.percent(TrialJudge.matters)))"
    case .undecided(let further):
      let more = further.map { "; go on for \(Self.length($0.rawValue)) to decide (--for)" } ?? ""
      return "undecided\(more)"
    }
  }

  /// What is set now.
  var standing: String {
    if report.isKept { return "kept" }
    guard report.isRestored else { return "NOT restored, see polltrace status" }
    if report.outcome == .rolledBack { return "rolled back" }
    if report.end == .planned, case .better(let setting) = report.verdict {
      return "restored, as --keep was not given; polltrace apply \(report.settings[setting].list)"
        + (report.isGuests ? " --target guest" : "") + " sets it"
    }
    return "restored"
  }

  /// What candidate `effect` does, with its bounds, and what was predicted of it.
  func effect(_ effect: TrialEffect) -> String {
    let (one, many) = report.isGuests ? ("an idle time", "idle times") : ("a halt", "halts")
    var parts = ["cost of \(one) \(Self.change(effect.ratio, effect.range))"]
    if let predicted = report.settings[effect.setting].predicted {
      parts.append("predicted \(Self.change(predicted.ratio, predicted.range))")
    }
    parts.append("\(many)/s \(Self.change(effect.rate.value, effect.rate.range))")
    if effect.left > 0 { parts.append("\(effect.left) pairs had nothing to compare") }
    if let harm = effect.harm, report.effects.count > 1 { parts.append(Self.words(harm)) }
    return parts.joined(separator: "; ")
  }

  /// What a guest's wake-up latency rests on.
  var latencyBasis: String? {
    guard report.isGuests, !report.blocks.isEmpty else { return nil }
    let assumed = Numbers.exactTime(GuestCPURecord.assumedLatency)
    guard report.isRecorded else {
      return
        "wake-up latency was not measured: \(assumed) are assumed for each halt; polls that met their event were at "
        + "least as many as shown"
    }
    let (shown, halts) = (report.measuredLatencies, report.slept)
    return
      "wake-up latency was measured of \(Numbers.grouped(shown)) of \(Numbers.grouped(halts)) halts, those that another "
      + "CPU's interrupt ended"
      + (shown < halts
        ? "; others count as late as the median of their CPU's, or \(assumed) where too few show it"
        : "")
  }

  /// What keeps blocks from being held against the limit.
  var limitDoubt: String? {
    let dark = report.blocks.count { !$0.measure.latencyIsMeasured }
    guard report.limit != nil, dark > 0 else { return nil }
    return
      "in \(dark) of \(report.blocks.count) blocks most halts did not show their wake-up latency: those were not held "
      + "against the limit"
  }

  func name(_ setting: Int) -> String {
    setting == 0 ? "the current setting" : report.settings[setting].list
  }

  private static func words(_ harm: TrialHarm) -> String {
    switch harm {
    case .cost: "harm: halts cost more"
    case .latency: "harm: wake-up latency is above its limit"
    case .pressure: "harm: tasks of the host wait longer for CPUs"
    }
  }

  /// A ratio as a change: `12.3 % lower (10.1 – 14.2 % lower)`.
  package static func change(_ ratio: Double, _ range: ClosedRange<Double>) -> String {
    // So few pairs that they say nothing.
    guard range.upperBound < 10 * ratio, range.lowerBound > 0 else {
      return "\(signed(ratio)) (no bounds yet)"
    }
    return "\(signed(ratio)) (\(Numbers.range(range, between: " to ", signed)))"
  }

  private static func signed(_ ratio: Double) -> String {
    let change = ratio - 1
    return (change >= 0 ? "+" : "") + Numbers.percent(change)
  }

  /// A length that somebody may type.
  static func length(_ nanoseconds: UInt64) -> String {
    let seconds = (Double(nanoseconds) / 1e9).rounded(.up)
    return seconds < 120
      ? "\(Numbers.fixed(seconds, 0)) s" : "\(Numbers.fixed((seconds / 60).rounded(.up), 0)) min"
  }
}
