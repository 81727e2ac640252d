internal import PollTrace
internal import PollTraceFile

extension Pass.Result {
  /// Whether it is of a guest that idles, not of a host that runs VMs: the recorder says so, or there are
  /// no halts of vCPUs and a guest's governor has decided.
  func isGuests(_ trace: TraceDescription) -> Bool {
    if trace.facts?.guest != nil { return true }
    return tracks.isEmpty && guest.contains(where: \.hasIdles)
      && guest.contains { $0.decisions > 0 }
  }
}

extension TraceReport {
  /// The report of a pass over a guest's trace, which followed it with `settings`; `axis` is that of
  /// timelines where the pass kept them.
  init(
    guest pass: Pass.Result, _ learning: Learning, _ reader: any TraceReader,
    _ settings: GuestSettings, _ sources: GuestSources, axis: Timeline.Axis? = nil
  ) {
    let (trace, options, tally) = (learning.trace, learning.options, pass.tally)
    var (settings, sources) = (settings, sources)
    let span = Self.span(of: trace, tally, learning.scope)
    let duration = span.map { Self.length(of: $0, without: trace.pauses) }
    let isAnybodys = tally.lostOnAnyCPU > 0 || !tally.absent.isEmpty
    var cpus = pass.guest.filter { $0.hasIdles || $0.decisions > 0 }.map { track in
      var figures = track.figures
      figures.time = duration
      if isAnybodys { figures.gaps += 1 }
      var cpu = GuestReport.CPUReport(cpu: track.cpu, figures: figures)
      if axis != nil { cpu.timeline = track.timeline }
      return cpu
    }
    // A guest has CPUs where a host has vCPUs.
    if !options.vcpus.isEmpty { cpus.removeAll { !options.vcpus.contains($0.cpu.rawValue) } }
    let total = IdleFigures(totalOf: cpus.map(\.figures))
    if options.guestRules == nil, total.othersFitBetter {
      settings.rules = settings.rules.alternative
      sources.rulesAreInferred = true
      for index in cpus.indices { cpus[index].figures.adoptOtherRules() }
    }
    var ledger = reader.ledger
    ledger.merge(tally.ledger)
    self.init(
      trace: trace, tally: tally, duration: duration, settings: learning.scope.settings,
      sources: learning.sources, decisionsAreRecorded: true, vcpus: [], leftOut: [],
      ledger: ledger)
    let guest = GuestReport(settings: settings, sources: sources, cpus: cpus)
    self.guest = guest
    self.axis = axis
    self.span = span
    let lone = pass.guest.reduce(0 as UInt64) { $0.plus($1.decisionsWithoutHalt) }
    noteGuestGaps(guest, decisionsWithoutHalt: lone, isSelective: options.isSelective)
  }
}
