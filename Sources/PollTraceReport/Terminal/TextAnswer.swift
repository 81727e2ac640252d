internal import PollTrace
internal import PollTraceReplay

/// The answer, as the first lines of a report: what to set, what it changes, how sure that is, whom it
/// reaches, and how to apply and undo it.
struct TextAnswer {
  let advice: ReportAdvice
  let report: Report
  let style: Bars.Style

  var lines: [String] {
    switch advice {
    case .notAsked(let why): head("NO ANSWER", why) + seen
    case .guest(let value): answer(value)
    case .recommendation(let value):
      switch value.verdict {
      case .change: change(value)
      case .keep: keep(value)
      case .none(let lacks): none(value, lacks)
      }
    }
  }

  private var arrow: String { style.isUnicode ? "→" : "->" }

  private func field(_ name: String, _ text: String) -> [String] {
    Paragraph.field(name, text, width: style.width)
  }

  private func head(_ word: String, _ text: String) -> [String] {
    // A bold word is wider for whoever counts its signs.
    let plain = Paragraph.lines(word + "  ", text, indent: word.count + 2, width: style.width)
    return [style.heading(word) + plain[0].dropFirst(word.count)] + plain.dropFirst()
  }

  /// What a guest's own polling should be.
  private func answer(_ value: GuestRecommendation) -> [String] {
    let now = value.current.parameters
    var lines: [String]
    switch value.verdict {
    case .none:
      return head("NO ANSWER", GuestAdviceReport.whyNone(value) ?? "") + seenInGuest
    case .keep(let reason):
      lines = head("KEEP", "\(now.words): \(GuestAdviceReport.words(reason)).") + seenInGuest
    case .change:
      guard let then = value.recommended else { return [] }
      let changes = zip(
        GuestPollLimit.Parameters.shortNames, zip(now.values, then.parameters.values)
      ).filter { $0.1.0 != $0.1.1 }
      let rest = changes.count < 5 ? "; the rest stays" : ""
      lines = head(
        "SET", changes.map { "\($0)=\($1.1) (now \($1.0))" }.joined(separator: ", ") + rest)
      lines += effect(value, then)
      let list = changes.map { "\($0)=\($1.1)" }.joined(separator: ",")
      lines += field(
        "Apply",
        "polltrace apply \(list) --target guest, then polltrace confirm (undo: polltrace revert)")
    }
    return lines + field("Basis", GuestReplayReport.latencyBasis(value.guest))
      + field("Note", GuestAdviceReport.hostsPolling)
  }

  /// CPU and latency of a guest now and then, both by the replay.
  private func effect(
    _ value: GuestRecommendation, _ then: GuestRecommendation.Choice
  ) -> [String] {
    let (now, prediction) = (value.current.prediction.outcome, then.prediction)
    let halts = Double(max(1, prediction.outcome.halts))
    let (share, latency) = (prediction.pollShare, prediction.latency)
    return field(
      "CPU",
      "per CPU \(Numbers.percent(now.pollShare(of: value.guest.time))) \(arrow) "
        + Numbers.predicted(share.value, share.range, Numbers.percent))
      + field(
        "Latency",
        "mean wake-up \(Numbers.time(now.meanLatency)) \(arrow) "
          + Numbers.predicted(
            latency.value / halts,
            latency.range.lowerBound / halts...latency.range.upperBound / halts, Numbers.time))
  }

  /// What a guest's polling took.
  private var seenInGuest: [String] {
    guard let shares = report.guestTotal.pollShares, report.guestTotal.idles > 0 else { return [] }
    let atLeast = report.guestTotal.gaps > 0 ? "at least " : ""
    return field(
      "Seen",
      "polling took \(atLeast)\(Numbers.percent(shares.success + shares.failed)) of the CPUs' time")
  }

  private func change(_ value: Recommendation) -> [String] {
    guard let then = value.recommended?.parameters, let now = value.current.parameters else {
      return []
    }
    let isTrial = Advice(value).sureness == .no
    let changes = then.differences(from: now).map { "\($0.name)=\($0.to) (now \($0.from))" }
    let rest = changes.count < 4 ? "; the rest stays" : ""
    return head(
      isTrial ? "TRY" : "SET",
      changes.joined(separator: ", ") + rest + (isTrial ? "; then record again" : ""))
      + effect(value)
      + kept(value)
      + sure(value)
      + field("Reach", reach(value))
      + apply(value, then, now)
      + findings(value)
  }

  /// Whether the limit of wake-up latency that was asked for is kept, or what could keep it.
  private func kept(_ value: Recommendation) -> [String] {
    Advice(value).kept.enumerated().flatMap { index, line in
      index == 0
        ? field("Limit", String(line.dropFirst("Limit: ".count))) : field("", line)
    }
  }

  /// How sure the answer is, and what would make it surer.
  private func sure(_ value: Recommendation) -> [String] {
    let words = Advice(value)
    let sentences = [words.surenessInWords, words.nextStep].compactMap(\.self)
    return field("Sure?", sentences.joined(separator: " "))
  }

  /// CPU and latency, as measured now and as predicted then.
  private func effect(_ value: Recommendation) -> [String] {
    guard let then = value.recommended, let prediction = then.prediction else { return [] }
    let now = value.current
    let basis = now.recorded == nil ? "predicted" : "measured"
    let halts = Double(max(1, then.outcome.halts))
    let share = prediction.pollShare
    var cpu = "polling "
    if let wall = report.wallTime {
      let (old, new) = (Double(now.shown.pollTime) / wall, Double(then.outcome.pollTime) / wall)
      cpu += "\(Numbers.fixed(old, 2)) \(arrow) \(Numbers.fixed(new, 2)) host CPUs; "
    }
    cpu +=
      "per vCPU \(Numbers.percent(now.shown.pollShare(of: value.time))) \(basis) \(arrow) "
      + Numbers.predicted(share.value, share.range, Numbers.percent)
    let latency = Numbers.predicted(
      prediction.latency.value / halts,
      prediction.latency.range.lowerBound / halts...prediction.latency.range.upperBound / halts,
      Numbers.time)
    return field("CPU", cpu)
      + field(
        "Latency",
        "mean wake-up \(Numbers.time(now.shown.meanLatency)) "
          + "\(value.hasSchedulerEvents ? basis : "assumed") \(arrow) \(latency)")
      + otherGoal(value, now.shown, then.outcome)
  }

  /// What to ask where the change gives one thing for the other.
  private func otherGoal(
    _ value: Recommendation, _ now: PollOutcome, _ then: PollOutcome
  ) -> [String] {
    if value.slowsWakeups, value.objective != .latency {
      return field(
        "Goal", "If wake-ups matter more than CPU: polltrace recommend --objective latency.")
    }
    let isDearer = then.pollShare(of: value.time) > now.pollShare(of: value.time) + 0.01
    return isDearer && value.objective != .efficiency
      ? field(
        "Goal", "If CPU matters more than wake-ups: polltrace recommend --objective efficiency.")
      : []
  }

  private func keep(_ value: Recommendation) -> [String] {
    guard let now = value.current.parameters else { return [] }
    return head("KEEP", "\(TextReport.words(now)): \(Advice(value).whyNot ?? "")")
      + BothEnds(value, style).lines
      + kept(value)
      + sure(value)
      + field("Reach", reach(value))
      + findings(value)
  }

  private func none(_ value: Recommendation, _ lacks: [Recommendation.Lack]) -> [String] {
    return head("NO ANSWER", Advice(value).whyNot ?? "")
      + kept(value)
      + (Advice.remedy(lacks).map { field("Do", $0) } ?? [])
      + seen
      + (value.unreached.isEmpty ? [] : field("Reach", reach(value)))
      + Advice(value).findings.flatMap { field("Found", $0) }
  }

  /// What polling took, where that is all there is to say.
  private var seen: [String] {
    guard let shares = report.total.pollTimes else { return [] }
    let atLeast = report.total.isMissingPolls ? "at least " : ""
    return field(
      "Seen",
      "polling took \(atLeast)\(Numbers.percent(shares.success + shares.failed)) of a CPU per vCPU")
  }

  /// Whom the module parameters reach, and whom not.
  private func reach(_ value: Recommendation) -> String {
    var text = value.rules.ceiling == .sampledAtCreation ? "VMs that start later" : "Every VM"
    let hosts = Set(report.traces.compactMap { $0.trace.facts?.host })
    text += hosts.count > 1 ? " on each of the \(hosts.count) hosts" : " on this host"
    if value.time == 0 { text = "No VM on this host" }
    if !value.unreached.isEmpty {
      text += (value.time == 0 ? ": " : " but ") + unreached(value)
    }
    if report.traces.contains(where: { !$0.leftOut.isEmpty }) {
      let names = Set(report.vcpus.map(\.identity.shortVM)).sorted()
      let considered = names.count > 3 ? "\(names.count) VMs" : names.joined(separator: ", ")
      text += "; only what was asked for was considered (\(considered))"
    }
    return text + "."
  }

  private func unreached(_ value: Recommendation) -> String {
    let vms = value.unreached
    let cpus =
      report.wallTime.map {
        wall in
        let sum = vms.reduce(0) { $0 + $1.pollTime } / wall
        return ", \(Numbers.fixed(sum, 2)) CPUs of polling"
      } ?? ""
    let vcpus = vms.reduce(0) { $0 + $1.vcpus }
    let who =
      vms.count <= 2
      ? vms.map { "\($0.vm.terminal) (limit \(Numbers.exactTime($0.ceiling)))" }
        .joined(separator: " and ")
      : "\(vms.count) VMs"
    let zero = vms.contains { $0.ceiling == 0 } ? "; at 0 its guest may poll by itself instead" : ""
    return "\(who), with limits of their own that only the VMM changes "
      + "(\(vcpus) \(vcpus == 1 ? "vCPU" : "vCPUs")\(cpus))\(zero)"
  }

  /// How to set it and take it back: with a guard, and by hand where one value changes.
  private func apply(
    _ value: Recommendation, _ then: PollParameters, _ now: PollParameters
  ) -> [String] {
    let changes = then.differences(from: now)
    guard value.hostSettings == 1, !value.module.isFixed else {
      return field("Apply", "polltrace recommend shows the lines to apply and to undo.")
    }
    let list = changes.map { "\($0.name)=\($0.to)" }.joined(separator: ",")
    var lines = field(
      "Apply", "polltrace apply \(list), then polltrace confirm (undo: polltrace revert)")
    if let only = changes.first, changes.count == 1 {
      lines += field(
        "", "or echo \(only.to) > \(ShellLines.folder)/\(only.file) (undo: \(only.from))")
    }
    return lines
  }

  /// What was found and what to know before acting; one line a kind.
  private func findings(_ value: Recommendation) -> [String] {
    let words = Advice(value)
    return words.findings.flatMap { field("Found", $0) } + words.notes.flatMap { field("Note", $0) }
  }
}

extension Numbers {
  /// A predicted value with its range, where that shows.
  static func predicted(
    _ value: Double, _ range: ClosedRange<Double>, _ write: (Double) -> String
  ) -> String {
    let (low, high) = (write(range.lowerBound), write(range.upperBound))
    return "\(write(value)) predicted" + (low == high ? "" : " (\(low) to \(high))")
  }
}

extension PollParameters {
  /// The parameters that differ from those of `other`, by their short names and files.
  func differences(
    from other: PollParameters
  ) -> [(name: String, file: String, from: UInt32, to: UInt32)] {
    let names = ["halt_poll_ns", "grow", "grow_start", "shrink"]
    return zip(names, zip(other.named, named)).filter { $0.1.0.value != $0.1.1.value }
      .map { ($0.0, $0.1.1.name, $0.1.0.value, $0.1.1.value) }
  }
}
