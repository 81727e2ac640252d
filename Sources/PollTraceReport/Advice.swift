internal import PollTrace
package import PollTraceReplay

/// A recommendation in sentences, each with its numbers; the same for text and JSON.
package struct Advice {
  let value: Recommendation
  package init(_ recommendation: Recommendation) { value = recommendation }

  /// The answer in one sentence.
  package var answer: String {
    switch value.verdict {
    case .change:
      guard let parameters = value.recommended?.parameters else { return "" }
      return "Set \(TextReport.words(parameters))."
    case .keep: return "Keep what you have: \(whyNot ?? "")"
    case .none: return "No recommendation: \(whyNot ?? "")"
    }
  }

  /// Why nothing is to be changed, or nothing recommended; nil for a change.
  package var whyNot: String? {
    switch value.verdict {
    case .change: nil
    case .keep(let reason): Self.sentence(reason)
    case .none(let lacks):
      lacks.map { $0 == .nothingReached && neverPoll ? Self.nobodyPolls : Self.sentence($0) }
        .joined(separator: " ")
    }
  }

  /// Whether every VM seems to have a limit of 0: halts of a vCPU that may not poll look alike (linux
  /// virt/kvm/kvm_main.c, `kvm_vcpu_halt`; `kvm_arch_no_poll`).
  private var neverPoll: Bool { value.unreached.allSatisfy { $0.ceiling == 0 } }

  private static let nobodyPolls =
    "the module parameters reach no VM: each has its own limit of 0 (KVM_CAP_HALT_POLL), set by its VMM, or "
    + "its guest polls by itself (haltpoll), which looks the same on the host; polltrace check in the guest tells."

  private static func sentence(_ reason: Recommendation.Reason) -> String {
    switch reason {
    case .isBest: "no setting that was tried is better by more than 1 %."
    case .pollsLeast: "no setting that was tried polls less and keeps the limit of wake-up latency."
    case .pollsLittleLess(let share):
      "what polls least and keeps the limit of wake-up latency would save \(Numbers.percent(share)) of a "
        + "CPU a vCPU, too little for a change."
    case .tooLittle(let share):
      "the best of all settings would save \(Numbers.percent(share)) of the cost, too little for "
        + "a change."
    case .withinChance(let share, let error):
      "the best would save \(Numbers.percent(share)) of the cost, with a standard error of "
        + "\(Numbers.percent(error)): that may be chance. Record longer."
    case .dependsOnTheUnseen(let worst):
      "the best found might cost \(Numbers.percent(-worst)) more, under assumptions that this "
        + "recording cannot rule out."
    case .failedHoldout(let ratio):
      "what fits the first half of the recording best costs \(Numbers.fixed(ratio, 2)) times the "
        + "present setting's cost on the second. Record longer."
    }
  }

  private static func sentence(_ lack: Recommendation.Lack) -> String {
    switch lack {
    case .halts(let halts, let least):
      "\(Numbers.grouped(halts)) halts are too few (at least \(Numbers.grouped(least)))."
    case .duration(let seconds, let least):
      "\(Numbers.significant(seconds)) s are too short (at least \(Numbers.significant(least)) s)."
    case .lostEvents(let lost):
      "\(Numbers.grouped(lost)) events were lost; record with a bigger --buffer-size."
    case .filtered:
      "the recorder was told to leave events out; record each event, without a filter and on all CPUs."
    case .contradictions(let count):
      "\(Numbers.grouped(count)) decisions contradict the rules; name the kernel with --kernel or "
        + "the parameters with --parameters."
    case .nothingReplayed: "no vCPU has enough halts to replay."
    case .decisionsNotRecorded: "kvm_halt_poll_ns was not recorded, so no poll window is known."
    case .noSettingKeeps(let limit):
      "no setting that was tried keeps a \(limit.words)."
    case .nothingReached:
      "the module parameters reach no VM: each has its own limit (KVM_CAP_HALT_POLL), set by its VMM."
    }
  }
}

extension Advice {
  /// What speaks for the answer: what it trades, who burns the time, which patterns there are.
  package var why: [String] {
    var lines: [String] = []
    if case .change = value.verdict, let recommended = value.recommended {
      lines.append(trade(from: value.current, to: recommended.outcome))
    }
    lines += kept
    for burner in value.burners {
      lines.append(
        "\(burner.label.terminal) spends \(Numbers.percent(burner.share)) of a CPU on failed "
          + "polls, \(Numbers.percent(burner.ofAll)) of all such time.")
    }
    lines += value.patterns.map(\.sentence)
    if let bound = value.choices.first(where: { $0.name == .clairvoyantBound }) {
      let now = value.objective.cost(value.current.outcome)
      let least = value.objective.cost(bound.outcome)
      if now > 0 {
        lines.append(
          "The offline optimum, which knows each wake-up beforehand, costs "
            + "\(Numbers.percent(least / now)) of the current cost.")
      }
    }
    return lines
  }

  private func trade(from current: Choice, to then: PollOutcome) -> String {
    let now = current.shown
    let share = { (outcome: PollOutcome) in Numbers.percent(outcome.pollShare(of: value.time)) }
    let cost = value.objective.cost(then) / max(1, value.objective.cost(current.outcome))
    return "Polling goes from \(share(now)) to \(share(then)) of a CPU per vCPU, the mean wake-up "
      + "latency from \(Numbers.time(now.meanLatency)) to \(Numbers.time(then.meanLatency)); the "
      + "cost falls by \(Numbers.percent(1 - cost))."
  }

  package func why(_ vm: Recommendation.PerVM) -> String {
    let percent = Numbers.percent(1 - vm.costRatio)
    let ceiling = vm.ceiling == 0 ? "no polling" : Numbers.exactTime(vm.ceiling)
    let own = vm.ownCeiling.map { " instead of its own \(Numbers.exactTime($0))" } ?? ""
    return "\(vm.vm.terminal): \(ceiling)\(own) would save \(percent) of its cost "
      + "(\(Numbers.grouped(vm.halts)) halts)."
  }

  /// VMs that keep their own limits, whatever the module parameters are.
  package var unreached: [String] {
    value.unreached.map { vm in
      Self.unreached(vm.vm, ceiling: vm.ceiling)
        + (vm.ceiling == 0
          ? ""
          : " It polls \(Numbers.percent(vm.time > 0 ? vm.pollTime / vm.time : 0)) of a CPU per vCPU.")
    }
  }

  /// That `vm` keeps a limit of its own, whatever the module parameter is.
  static func unreached(_ vm: Untrusted, ceiling: UInt32) -> String {
    ceiling == 0
      ? "\(vm.terminal) never polls: it has its own limit of 0 (KVM_CAP_HALT_POLL), which only its VMM can "
        + "change, or its guest polls by itself (haltpoll)."
      : "\(vm.terminal) has its own limit of \(Numbers.exactTime(ceiling)) (KVM_CAP_HALT_POLL): only its VMM can "
        + "change it."
  }

  /// That `blocks` of a trial were recorded.
  static func words(trialBlocks blocks: Int) -> String {
    "recorded in \(blocks) blocks of a trial, whose settings took turns"
  }

  /// The settings that were recorded, with their shares of the time.
  static func words(
    _ settings: [(parameters: PollParameters, share: Double)]
  ) -> String {
    settings.map { "\(TextReport.words($0.parameters)) (\(Numbers.percent($0.share)) of the time)" }
      .joined(separator: "; ")
  }

  static let placementWarning =
    "If the scheduler places tasks otherwise than in this recording, the change may cost more than it "
    + "saves. Other tasks end polls here: pin vCPUs, or lower the load."

  /// What the reader should know before acting.
  package var warnings: [String] {
    var lines: [String] = []
    if !value.hasSchedulerEvents {
      lines.append(
        "Without scheduler events latencies are assumed and polls cut short unknown: the predicted "
          + "ranges are wide. Record without --no-sched.")
    } else if let gap = value.contentionGap {
      lines.append(
        "Other tasks end polls here, and when they come is guessed: the predicted ranges are wide. "
          + gap.why + (nextStep == nil ? " \(gap.remedy)" : ""))
    }
    if let gain = value.worstGain, value.verdict == .change, gain.far < 0 {
      lines.append(Self.placementWarning)
    }
    if value.settingsChanged {
      lines.append(
        "The parameters changed while recording: the current setting is predicted from what was "
          + "recorded under \(Self.words(value.recordedUnder)).")
    }
    if value.hostSettings > 1 {
      lines.append(
        "The hosts have \(value.hostSettings) different settings; the one shown as current has the "
          + "most vCPU time. Note the values of each host before you apply this.")
    }
    lines += unreached
    if let profile = value.module.tunedProfile, value.verdict == .change {
      lines.append(
        "tuned sets these parameters anew at each of its starts: set them in "
          + "\(profile.terminal) instead.")
    }
    if value.rules.ceiling == .sampledAtCreation {
      lines.append(
        "On 5.8 to 6.0 a running VM keeps the ceiling it was created with: the change holds for "
          + "VMs started afterwards.")
    }
    return lines
  }
}

extension Pattern {
  /// What it is and what would help, with its numbers.
  package var sentence: String {
    switch self {
    case .wakesJustUnderCeiling(let vcpu, let share, let median, let ceiling):
      "\(vcpu.terminal) wakes every \(Numbers.time(median)), just before the "
        + "limit of \(Numbers.exactTime(ceiling)): it polls \(Numbers.percent(share)) of "
        + "a CPU (Ubuntu bug 1724614)."
    case .sawTooth(let shrinks, let halts):
      "Windows close \(Numbers.grouped(shrinks)) times in \(Numbers.grouped(halts)) halts and must "
        + "grow again from nothing, since shrink is 0; 2 halves them instead."
    case .abandonedByContention(let abandoned, let attempted):
      "\(Numbers.grouped(abandoned)) of \(Numbers.grouped(attempted)) polls were cut short since "
        + "another task wanted the CPU. No setting helps; pin vCPUs or run fewer per CPU."
    case .guestPolls(let vcpu, let refused, let halts):
      "\(vcpu.terminal) was not allowed to poll at \(Numbers.grouped(refused)) of "
        + "\(Numbers.grouped(halts)) halts: its guest polls itself (cpuidle-haltpoll), and the "
        + "host's parameters do not reach it. Tune guest_halt_poll_ns in the guest."
    case .growStartAboveCeiling(let start, let ceiling):
      "halt_poll_ns_grow_start (\(Numbers.exactTime(start))) lies above halt_poll_ns "
        + "(\(Numbers.exactTime(ceiling))): every window that opens is at the "
        + "limit at once."
    case .growsNever(let grow):
      grow == 0
        ? "halt_poll_ns_grow is 0: no window ever opens, so nothing polls; halt_poll_ns 0 says so."
        : "halt_poll_ns_grow is 1: windows open at grow_start and never grow."
    case .shrinksNever:
      "halt_poll_ns_shrink is 1: windows never shrink; a guest that goes idle keeps polling."
    case .negativeValue(let parameter, let value):
      "\(parameter) is \(value), as -1 is written: that is 4.3 s or more, not a default."
    case .neverOpens(let vcpu, let halts, let median, let ceiling):
      "\(vcpu.terminal) never polled in \(Numbers.grouped(halts)) halts: half of them last "
        + "longer than \(Numbers.time(median)), and the limit is "
        + "\(Numbers.exactTime(ceiling))."
    }
  }
}

extension Choice.Name {
  /// How people call it.
  var title: String {
    switch self {
    case .off: "off"
    case .kernelDefault: "kernel default"
    case .current: "current"
    case .recommended: "recommended"
    case .bestFixedWindow: "best fixed window"
    case .clairvoyantBound: "offline optimum"
    case .front: "on the front"
    }
  }
}

extension WakeLatencyLimit.Statistic {
  /// How people write it.
  package var title: String {
    switch self {
    case .mean: "mean"
    case .p50: "p50"
    case .p99: "p99"
    case .p999: "p99.9"
    }
  }
}

extension Choice {
  /// The p99 of wake-up latency, in ns: what was measured, else what is predicted.
  var shownP99: Double? {
    recorded == nil ? prediction?.wakeLatency?.p99.value : recordedLatencies?.p99
  }

  /// What was measured of it, else what is predicted.
  var shown: PollOutcome { recorded ?? outcome }

  /// The four parameters; dashes where there are none.
  var parameterTexts: [String] {
    parameters?.values.map { "\($0)" } ?? PollParameters.names.map { _ in Numbers.unknown }
  }
}

extension Recommendation {
  /// What `choice` costs, against what the current setting does.
  func relativeCost(of choice: Choice) -> String {
    let now = objective.cost(current.outcome)
    guard now > 0 else { return Numbers.unknown }
    return "\(Numbers.fixed(100 * objective.cost(choice.outcome) / now, 0)) %"
  }
}

extension Alternative {
  /// How people call it.
  package var title: String {
    switch name {
    case .guestHaltPoll: "guest haltpoll, its defaults"
    case .guestHaltPollBest:
      "guest haltpoll, \((guestSetting?.most).shown(Numbers.exactTime))"
    case .haltWithoutExit: "HLT without exit"
    case .mwaitWithoutExit: "MWAIT without exit"
    case .idlePoll: "idle=poll in the guest"
    }
  }

  /// What it takes.
  package var needs: String {
    switch name {
    case .guestHaltPoll, .guestHaltPollBest:
      "Linux 5.4 or later in the guest with cpuidle_haltpoll (force=1, or kvm-hint-dedicated=on)"
    case .haltWithoutExit:
      "a CPU of its own for each vCPU; KVM_CAP_X86_DISABLE_EXITS (QEMU -overcommit cpu-pm=on)"
    case .mwaitWithoutExit:
      "a CPU of its own for each vCPU, MWAIT shown to the guest (QEMU -overcommit cpu-pm=on)"
    case .idlePoll: "a CPU of its own for each vCPU; idle=poll on the guest's command line"
    }
  }

  /// Why some latencies are assumed, and what measures them.
  static let whyAssumed =
    "A trace of guests that exit cannot show the latencies that are assumed. On this host "
    + "polltrace-haltload measures that of idle=poll (--idle poll) and of HLT (--exits hlt)."
}

extension Advice {
  /// What an alternative costs against the recommended setting, or the current one.
  func costRatio(of alternative: Alternative) -> Double {
    let now = value.recommended?.outcome ?? value.current.outcome
    let cost =
      alternative.cpuShare * value.time
      + value.objective.latencyWeight * alternative.latencySum
    return cost / max(1, value.objective.cost(now))
  }

  /// Whether an alternative fits, and how that is known.
  package func verdict(of alternative: Alternative) -> String {
    let ratio = costRatio(of: alternative)
    let basis =
      alternative.assumedLatency.map {
        "CPU measured, latency of \(Numbers.time($0)) assumed"
      } ?? "replayed from the recording"
    let fits =
      ratio < 0.9 ? "costs less" : ratio > 1.1 ? "costs more" : "costs as much"
    return "\(fits) (\(Numbers.fixed(ratio, 2)) times); \(basis)"
  }
}
