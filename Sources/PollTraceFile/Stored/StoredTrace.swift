internal import PollTrace

/// A trace whose events were found when it was opened.
final class StoredTrace<Lanes: EventLanes>: TraceReader {
  let description: TraceDescription
  let ledger: Ledger
  let statedLosses: [CPU: UInt64]
  let losses: Losses?
  private let lanes: Lanes
  /// How many events each lane has.
  private let counts: [Int]

  init(
    _ lanes: Lanes, _ description: TraceDescription, ledger: Ledger,
    statedLosses: [CPU: UInt64] = [:]
  ) {
    self.lanes = lanes
    counts = lanes.counts
    losses = lanes.losses
    self.description = description
    self.ledger = ledger
    self.statedLosses = statedLosses
  }

  var begin: Timestamp? { lanes.tally.first }

  func slices(atMost count: Int) -> [TraceSlice] {
    let events = counts.reduce(0, +)
    let wanted = min(count, events / eventsOfSlice)
    guard wanted > 1 else { return [.everything] }
    let step = max(1, events / (wanted * 4))
    var times: [Timestamp] = []
    for lane in counts.indices {
      times += stride(from: 0, to: counts[lane], by: step).map { lanes.time(of: $0, in: lane) }
    }
    times.sort()
    var cuts = Set((1..<wanted).map { times[$0 * times.count / wanted] })
    cuts.remove(Timestamp(0))
    let bounds = [Timestamp(0)] + cuts.sorted() + [Timestamp(.max)]
    return zip(bounds, bounds.dropFirst()).map { TraceSlice(from: $0, to: $1) }
  }

  func read(_ slice: TraceSlice, _ take: (Span<Event>) -> Void) -> ReadTally {
    var batch = EventBatch()
    var starts = starts(of: slice)
    for lane in counts.indices {
      append(until: slice.to, of: lane, from: &starts[lane], to: &batch)
      if batch.count > 0 { take(batch.span) }
      batch.removeAll()
    }
    return tally(of: slice)
  }

  func read(_ slices: ArraySlice<TraceSlice>, into tracks: inout HostTracks) -> ReadTally {
    guard let first = slices.first else { return ReadTally() }
    var tally = ReadTally()
    var batch = EventBatch()
    // Each slice begins where the one before ends.
    var starts = starts(of: first)
    for slice in slices {
      for lane in counts.indices {
        append(until: slice.to, of: lane, from: &starts[lane], to: &batch)
      }
      tally.merge(self.tally(of: slice))
      if batch.count < tracks.fewEvents, slice != slices.last { continue }
      tracks.take(batch.span)
      batch.removeAll()
    }
    return tally
  }

  /// Where each lane's events of `slice` begin.
  private func starts(of slice: TraceSlice) -> [Int] {
    counts.enumerated().map { lane, count in
      lanes.first(notBefore: slice.from, in: lane, from: 0, count: count)
    }
  }

  /// Puts the events of `lane` from `start` on and before `end` behind those in `batch`, and moves
  /// `start` to where they end.
  private func append(
    until end: Timestamp, of lane: Int, from start: inout Int, to batch: inout EventBatch
  ) {
    let stop = lanes.first(notBefore: end, in: lane, from: start, count: counts[lane])
    if start < stop { lanes.append(start..<stop, of: lane, to: &batch) }
    start = stop
  }

  /// What was counted while the file was read belongs to no slice: the one that begins it has it.
  private func tally(of slice: TraceSlice) -> ReadTally {
    slice.from.rawValue == 0 ? lanes.tally : ReadTally()
  }
}

/// How many events make a slice: they and their halts stay in a CPU's caches.
private let eventsOfSlice = 4_096
