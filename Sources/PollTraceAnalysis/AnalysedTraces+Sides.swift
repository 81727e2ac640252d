package import PollTrace

extension AnalysedTraces {
  /// The report with guests' traces beside their hosts'; the same as `report` where there is only one side.
  ///
  /// `offset` is what a user says is to be added to a guest's times to have its host's.
  package func reportOfBothSides(guestOffset offset: TimeOffset? = nil) -> Report {
    var report = report
    report.sides = BothSides.all(of: report).map { aligned($0, report, offset) }
    return report
  }

  /// Puts both on one clock where they are known to agree, and checks that.
  private func aligned(_ sides: BothSides, _ report: Report, _ offset: TimeOffset?) -> BothSides {
    var sides = sides
    let (host, guest) = (report.traces[sides.host], report.traces[sides.guest])
    guard host.trace.clock.isTime, guest.trace.clock.isTime else { return sides }
    let isOneClock =
      sides.stranger == .sameMachine && host.trace.clock.name == guest.trace.clock.name
    guard let offset = offset ?? (isOneClock ? 0 : nil), let theirs = host.span,
      let its = guest.span
    else { return sides }
    let begin = max(theirs.lowerBound, its.lowerBound.moved(by: offset))
    let end = min(theirs.upperBound, its.upperBound.moved(by: offset))
    sides.alignment = .known(offset: offset, isOption: !isOneClock, fits: nil)
    let cpus = sides.pairs.isEmpty ? guest.guest?.cpus ?? [] : sides.pairs.map(\.cpu)
    guard begin < end, !cpus.isEmpty else { return sides }
    var timeline = SideTimeline(
      axis: Timeline.Axis(begin: begin, end: end, bins: Self.bins), cpus: cpus.count)
    let one = SideTimeline(axis: Timeline.Axis(begin: begin, end: end, bins: 1), cpus: 1)
    var each = Dictionary(uniqueKeysWithValues: cpus.map { ($0.cpu, one) })
    var checks = Dictionary(
      uniqueKeysWithValues: cpus.map { ($0.cpu, OffsetCheck(in: begin...end)) })
    var (guests, hosts) = (analyses[sides.guest], analyses[sides.host])
    _ = guests.idles { idles in
      for kept in idles where checks[kept.cpu] != nil {
        var idle = kept.idle.idle
        (idle.began, idle.ended) = (idle.began.moved(by: offset), idle.ended.moved(by: offset))
        timeline.add(idle)
        each[kept.cpu]?.add(idle)
        if idle.halted != nil { checks[kept.cpu]?.addGuest(idle.ended) }
      }
    }
    let places = sides.pairs.reduce(into: [ThreadID: CPU]()) {
      $0[$1.vcpu.identity.thread] = $1.cpu.cpu
    }
    _ = hosts.halts { halts in
      for halt in halts {
        let thread = host.vcpus[halt.vcpu].identity.thread
        guard let cpu = places[thread] else { continue }
        if let poll = halt.halt.poll {
          timeline.addHost(halt.halt.halt.began, poll)
          each[cpu]?.addHost(halt.halt.halt.began, poll)
        }
        checks[cpu]?.addHost(halt.halt.halt.woke)
      }
    }
    if !sides.pairs.isEmpty, let fit = OffsetCheck.sum(Array(checks.values)) {
      guard fit.holds else {
        sides.alignment = .refuted(offset: offset, fit)
        return sides
      }
      sides.alignment = .known(offset: offset, isOption: !isOneClock, fits: fit)
    }
    sides.timeline = timeline
    for place in sides.pairs.indices {
      sides.pairs[place].common = each[sides.pairs[place].cpu.cpu]
    }
    return sides
  }

  /// Into so many parts the common time is cut.
  private static let bins = 60
}
