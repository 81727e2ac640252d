package import PollTrace

extension AnalysedTrace {
  /// Hands every halt of the report over, in order of time, in batches of bounded size.
  ///
  /// Reads the trace twice more: for the windows that its beginning and each loss leave open until
  /// the next decision, and for the halts. False where the trace is not as it was any more.
  package func halts<Failure: Error>(
    _ take: ([ReportedHalt]) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    let places = Dictionary(
      report.vcpus.enumerated().map { ($1.identity.thread, $0) }, uniquingKeysWith: { $1 })
    var held: [ThreadID: HeldWindows] = [:]
    drain { tracks in
      tracks.drain { thread, queue in
        guard places[thread] != nil else { return }
        held[thread, default: HeldWindows(of: thread, in: scope)].add(queue)
      }
    }
    var followers: [ThreadID: WindowFollower] = [:]
    for (thread, windows) in held {
      var windows = windows
      windows.finish(at: min(report.tally.last ?? Timestamp(0), scope.to))
      followers[thread] = WindowFollower(of: thread, in: scope, windows)
    }
    held = [:]
    var count: UInt64 = 0
    var batch: [ReportedHalt] = []
    try drain { tracks throws(Failure) in
      batch.removeAll(keepingCapacity: true)
      tracks.drain { thread, queue in
        guard let vcpu = places[thread] else { return }
        followers[thread]?.follow(queue) { halt in
          guard scope.from <= halt.halt.woke, halt.halt.woke < scope.to else { return }
          batch.append(ReportedHalt(vcpu: vcpu, halt: halt))
        }
      }
      batch.sortByTime()
      count += UInt64(batch.count)
      try take(batch)
    }
    return reader.settle() && count == report.vcpus.reduce(0) { $0 + $1.figures.measures.halts }
  }

  /// Reads the trace from its beginning to its end; `take` drains the tracks each time.
  private func drain<Failure: Error>(
    _ take: (inout HostTracks) throws(Failure) -> Void
  ) throws(Failure) {
    var scope = scope.keeping(.whole)
    scope.losses = reader.losses
    var tracks = HostTracks(scope: scope)
    let slices = reader.slices(atMost: 1 << 16)
    for begin in stride(from: 0, to: slices.count, by: Self.slicesAtOnce) {
      let end = min(begin + Self.slicesAtOnce, slices.count)
      _ = reader.read(slices[begin..<end], into: &tracks)
      try take(&tracks)
    }
  }

  /// Going on from one slice to the next is cheap inside a call, and a little work between two.
  private static var slicesAtOnce: Int { 8 }
}

extension [ReportedHalt] {
  /// Puts the halts of several vCPUs, each one's in order, in order of time.
  fileprivate mutating func sortByTime() {
    var order = indices.map { (time: self[$0].halt.halt.woke, place: $0) }
    order.sort { ($0.time, $0.place) < ($1.time, $1.place) }
    self = order.map { self[$0.place] }
  }
}
