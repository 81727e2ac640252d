internal import PollTrace

/// A guest's recording beside its host's in sentences, for text and page alike.
struct SidesWords {
  let sides: BothSides
  let report: Report

  var host: TraceReport { report.traces[sides.host] }
  var guest: TraceReport { report.traces[sides.guest] }

  /// Whom it is about.
  var title: String {
    guard let vm = sides.vm else { return "\(guest.guestLabel) beside \(hostLabel)" }
    return "\(vm.vmLabel) is the guest \(guest.guestLabel)"
  }

  private var hostLabel: String {
    if let host = host.trace.facts?.host, !host.isEmpty { return host.terminal }
    return host.trace.path.fileName.terminal
  }

  /// How it is known which VM the guest is, or why it is not.
  var match: String {
    switch (sides.match, sides.stranger) {
    case (.uuid, _): "The VM's UUID is the guest's."
    case (.name, _): "The VM is called as the guest calls itself."
    case (.only, _):
      "It is taken to be the guest, as there is no other VM: neither UUID nor name says so."
    case (_, .sameMachine):
      "Both were recorded by one running kernel: these are the host's own CPUs, and no VM's."
    case (_, .noVM): "The host's trace has no VM that halts."
    case (_, .severalVMs), (nil, nil):
      "Several VMs halt, and neither UUID nor name says which one is this guest; choose it with --vm."
    }
  }

  /// What is known of the clocks.
  var clocks: String {
    switch sides.alignment {
    case .known(let offset, let isOption, let fit):
      (isOption
        ? "Guest's times + \(offset.rawValue) ns = host's, as asked for" : "One clock stamped both")
        + (fit.map { "; \(words($0))" }
          ?? (sides.pairs.isEmpty ? "" : "; too few halts to check that"))
        + (sides.timeline == nil ? "; the recordings have no time in common" : "") + "."
    case .refuted(let offset, let fit):
      "An offset of \(offset.rawValue) ns is wrong: only \(words(fit)); so nothing is shown over time."
    case .unknown:
      "The guest's clock is not its host's: shares are each of its own recording, and nothing is shown over "
        + "time. Name the offset with --guest-offset."
    }
  }

  /// That the recordings cannot be about the same time; nil where they may be.
  var otherTime: String? {
    guard let one = utc(host), let other = utc(guest), !one.overlaps(other) else { return nil }
    return "They were recorded at different times, by the UTC of each: compare with care."
  }

  /// When a trace was recorded, to the minute: clocks of two machines differ.
  private func utc(_ report: TraceReport) -> ClosedRange<Timestamp>? {
    guard let began = report.trace.facts?.beganUTC else { return nil }
    let minute: Nanoseconds = 60_000_000_000
    return (began - minute)...(began + (report.duration ?? .zero) + minute)
  }

  private func words(_ fit: BothSides.Fit) -> String {
    "\(Numbers.grouped(fit.fit)) of \(Numbers.grouped(fit.halts)) halts of the host end where one of the guest "
      + "does (by chance \(Numbers.percent(fit.byChance)))"
  }

  /// What a guest that polls itself does to its host's polling.
  var switchesOff: String? {
    guard sides.vm != nil else { return nil }
    let (guest, host) = (sides.guestFigures, sides.hostFigures)
    guard host.measures.halts > 0 else { return nil }
    let refused = host.fidelity.refused
    let polls = host.kernelCounters.attemptedPolls
    if guest.polls > 0, polls == 0 {
      return
        "The guest polls, and its host does not poll for it: a guest with haltpoll switches that off (poll "
        + "control, MSR_KVM_POLL_CONTROL). \(Numbers.grouped(refused)) of "
        + "\(Numbers.grouped(host.measures.halts)) halts were refused a poll."
    }
    if guest.polls > 0 {
      return
        "Both poll: the host polled at \(Numbers.grouped(polls)) of \(Numbers.grouped(host.measures.halts)) halts "
        + "too. A guest with haltpoll has its host's polling off: perhaps these are not of one VM, or not of one "
        + "time."
    }
    if polls == 0 {
      return
        "Neither polls. A guest with haltpoll has its host's polling off also while its own guest_halt_poll_ns "
        + "is 0; \(Numbers.grouped(refused)) of \(Numbers.grouped(host.measures.halts)) halts were refused a poll."
    }
    return
      "The host polls: at \(Numbers.grouped(polls)) of \(Numbers.grouped(host.measures.halts)) halts."
  }

  /// The columns of a row a pair.
  static let columns = [
    "vCPU", "CPU", "idle", "polled by guest", "of idle", "polled by host", "of idle",
    "host's halts",
    "refused",
  ]

  /// A row a pair, and one of all.
  var rows: [[String]] {
    var rows = sides.pairs.map { pair in
      row(
        pair.vcpu.label, "\(pair.cpu.cpu.rawValue)",
        SideShares(pair.cpu.figures, pair.vcpu.figures, pair.common), pair.cpu.figures,
        pair.vcpu.figures)
    }
    if rows.count > 1 {
      rows.append(
        row(
          "all", "", SideShares(sides.guestFigures, sides.hostFigures, sides.common),
          sides.guestFigures, sides.hostFigures))
    }
    return rows
  }

  private func row(
    _ vcpu: String, _ cpu: String, _ shares: SideShares, _ guest: IdleFigures, _ host: Figures
  ) -> [String] {
    [
      LossMark.marked(vcpu, gaps: guest.gaps.plus(host.gaps)), cpu,
      shares.idle.shown(Numbers.percent), shares.guest.shown(Numbers.percent),
      shares.guestOfIdle.shown(Numbers.percent), shares.host.shown(Numbers.percent),
      shares.hostOfIdle.shown(Numbers.percent), Numbers.grouped(host.measures.halts),
      Numbers.grouped(host.fidelity.refused),
    ]
  }

  /// The columns of what either side's polling would cost.
  static let costColumns = ["polls", "setting", "polling", "between", "mean wake-up", "between"]

  static func costRows(_ choices: [SideCosts.Choice]) -> [[String]] {
    choices.map { choice in
      [
        choice.side.rawValue, choice.setting, Numbers.percent(choice.pollShare.value),
        range(choice.pollShare, Numbers.percent), Numbers.time(choice.latency.value),
        range(choice.latency, Numbers.time),
      ]
    }
  }

  private static func range(
    _ figure: SideCosts.Estimate, _ write: (Double) -> String
  ) -> String {
    figure.range.lowerBound == figure.range.upperBound
      ? Numbers.unknown : Numbers.range(figure.range, write)
  }

  /// What the costs are, and what they leave out.
  static let costNote =
    "By the replay of the guest's recording, which has all of its idle time. A poll of the host's that "
    + "succeeds still costs the guest an exit and an entry, which is not counted; while the guest polls, its host "
    + "sees it run."

  /// The cost of the other side against the present one's; nil where it is not known who polls.
  var verdict: String? {
    guard let costs = sides.costs, let now = costs.now, now != .neither,
      let present = costs.choices.first(where: { $0.side == now }),
      let other = costs.choices.first(where: { $0.side == (now == .guest ? .host : .guest) }),
      present.cost.value > 0
    else { return nil }
    let ratio = other.cost.value / present.cost.value
    let low = other.cost.range.lowerBound / present.cost.value
    let high = other.cost.range.upperBound / present.cost.value
    return
      "Now the \(now.rawValue) polls. With the \(other.side.rawValue) polling instead: cost (balanced) "
      + "\(Numbers.fixed(ratio, 2)) times (\(Numbers.fixed(low, 2)) – \(Numbers.fixed(high, 2)))."
  }
}

/// Shares of a CPU's time: of the time in common where that is known, else each side's of its own recording.
struct SideShares {
  /// In which the guest idled, polled, and its host polled for it.
  var idle: Double?
  var guest: Double?
  var host: Double?
  /// Of the idle time; the host's only where both are about the same time.
  var guestOfIdle: Double?
  var hostOfIdle: Double?

  init(_ guest: IdleFigures, _ host: Figures, _ common: SideTimeline?) {
    if let common {
      idle = common.share(common.idle, in: 0)
      self.guest = common.share(common.byGuest, in: 0)
      self.host = common.share(common.byHost, in: 0)
      guestOfIdle = common.shareOfIdle(common.byGuest, in: 0)
      hostOfIdle = common.shareOfIdle(common.byHost, in: 0)
      return
    }
    idle = guest.share(Nanoseconds(guest.idle.sum))
    self.guest = guest.pollShares.map { $0.success + $0.failed }
    self.host = host.pollTimes.map { $0.success + $0.failed }
    if let idle, idle > 0 { guestOfIdle = self.guest.map { $0 / idle } }
  }
}
