internal import PollTrace
internal import PollTraceFile

extension TraceReport {
  /// The report of a pass that was made with what `learning` knows; `opening` is what was found when
  /// the file was opened in `reader`, `axis` that of timelines where the pass kept them.
  init(
    _ pass: Pass.Result, _ learning: Learning, _ reader: any TraceReader,
    axis: Timeline.Axis? = nil
  ) {
    let (trace, options, scope) = (learning.trace, learning.options, learning.scope)
    let tally = pass.tally
    // Where windows do not join, the lines between are what stands for the missing events.
    let hasHoles = pass.tracks.contains { $0.gapsShown > 0 }
    let left = hasHoles ? trace.holes.filter { !trace.pauses.contains($0) } : []
    let span = Self.span(of: trace, tally, scope)
    let duration = span.map { Self.length(of: $0, without: trace.pauses + left) }
    let isAnybodys =
      tally.lostEventsAreAnybodys(among: pass.tracks)
      || reader.ledger.count(of: .filteredEvents) > 0
    var vcpus: [VCPUReport] = []
    var leftOut: [VCPUIdentity] = []
    var ledger = reader.ledger
    ledger.merge(tally.ledger)
    vcpus.reserveCapacity(pass.tracks.count)
    for track in pass.tracks {
      let identity = VCPUIdentity(of: track.thread, traced: track.vcpu, in: trace)
      guard identity.matches(options),
        track.measures.halts > 0 || track.decisionsWithoutWakeup > 0
      else {
        if options.isSelective { leftOut.append(identity) }
        continue
      }
      ledger.note(.mixedVCPUs, track.foreign, Untrusted(track.thread.label))
      let settings = scope.settings(of: track.thread)
      var figures =
        scope.wakeupsAreRecorded
        ? Figures(track, over: duration, decisionsAreRecorded: scope.decisionsAreRecorded)
        : Figures(withoutWakeups: track, over: duration)
      if isAnybodys { figures.gaps += 1 }
      var vcpu = VCPUReport(
        identity: identity, figures: figures,
        ceiling: settings.parameters(at: tally.last ?? Timestamp(.max)).ceiling,
        ceilingSource: settings.ownCeiling == nil ? .parameter : .inferred)
      if axis != nil { vcpu.timeline = track.timeline }
      vcpus.append(vcpu)
    }
    vcpus.sort { $0.identity.order.lexicographicallyPrecedes($1.identity.order) }
    leftOut.sort { $0.order.lexicographicallyPrecedes($1.order) }
    ledger.note(.tooManyThreads, pass.ignored)
    self.init(
      trace: trace, tally: tally, duration: duration, settings: scope.settings,
      sources: learning.sources, decisionsAreRecorded: scope.decisionsAreRecorded, vcpus: vcpus,
      leftOut: leftOut, ledger: ledger)
    self.axis = axis
    self.span = span
    wakeupsAreRecorded = scope.wakeupsAreRecorded
    noteGaps(
      rulesAreKnown: learning.rulesAreKnown, ceilingBounds: learning.ceilingBounds,
      guestDecisions: pass.guest.reduce(0 as UInt64) { $0.plus($1.decisions) }
    ) {
      VMSigns(of: reader, from: tally.first, to: tally.last)
    }
  }

  /// How long `span` is without `holes`.
  static func length(
    of span: ClosedRange<Timestamp>, without holes: [Range<Timestamp>]
  ) -> Nanoseconds {
    holes.reduce(span.upperBound - span.lowerBound) { $0 - ($1.upperBound - $1.lowerBound) }
  }

  /// The time that the figures are about, on the trace's clock.
  static func span(
    of trace: TraceDescription, _ tally: ReadTally, _ scope: TrackScope
  ) -> ClosedRange<Timestamp>? {
    guard trace.clock.isTime else { return nil }
    // Events outside the time that the recorder noted are right against it.
    let began = [trace.facts?.began, tally.first].compactMap(\.self).min()
    let ended =
      trace.isCutShort ? tally.last : [trace.facts?.ended, tally.last].compactMap(\.self).max()
    guard let began, let ended else { return Timestamp(0)...Timestamp(0) }
    let begin = max(scope.from, began)
    return begin...max(begin, min(scope.to, ended))
  }
}

extension VCPUIdentity {
  /// Sorts by VM, vCPU and thread; the unknown come last.
  fileprivate var order: [Int64] {
    [
      process.map { Int64($0.rawValue) } ?? .max, vcpu.map { Int64($0) } ?? .max,
      Int64(thread.rawValue),
    ]
  }
}

extension ReadTally {
  /// Whether events were lost of which nothing tells whose they were, so that each vCPU of `tracks`
  /// may miss some: nobody knows where, or they fit into no vCPU's gap.
  fileprivate func lostEventsAreAnybodys(among tracks: [VCPUTrack]) -> Bool {
    if lostOnAnyCPU > 0 || !absent.isEmpty { return true }
    let isAny = uncountedLosses > 0 || lost.values.contains { $0 > 0 }
    return isAny && tracks.allSatisfy { $0.gaps == 0 }
  }
}
