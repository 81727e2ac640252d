internal import PollTrace

/// A trace whose events were taken out of the file when it was opened.
final class StoredTrace: TraceReader {
  let description: TraceDescription
  let ledger: Ledger
  let statedLosses: [CPU: UInt64]
  let losses: Losses?
  private let store: EventStore

  /// `store` is finished.
  init(
    _ store: EventStore, _ description: TraceDescription, ledger: Ledger,
    statedLosses: [CPU: UInt64] = [:]
  ) {
    self.store = store
    losses = store.losses
    self.description = description
    self.ledger = ledger
    self.statedLosses = statedLosses
  }

  var begin: Timestamp? { store.tally.first }

  /// How many events make a slice: they and their halts stay in a CPU's caches.
  private static let eventsOfSlice = 4_096

  func slices(atMost count: Int) -> [TraceSlice] {
    let wanted = min(count, store.count / Self.eventsOfSlice)
    guard wanted > 1 else { return [.everything] }
    let step = max(1, store.count / (wanted * 4))
    var times: [Timestamp] = []
    for lane in store.lanes {
      times += stride(from: 0, to: lane.count, by: step).map { lane[$0].time }
    }
    times.sort()
    var cuts = Set((1..<wanted).map { times[$0 * times.count / wanted] })
    cuts.remove(Timestamp(0))
    let bounds = [Timestamp(0)] + cuts.sorted() + [Timestamp(.max)]
    return zip(bounds, bounds.dropFirst()).map { TraceSlice(from: $0, to: $1) }
  }

  func read(_ slice: TraceSlice, _ take: (Span<Event>) -> Void) -> ReadTally {
    store.lend(slice, take)
    // What was counted while the file was read belongs to no slice: the one that begins it has it.
    return slice.from.rawValue == 0 ? store.tally : ReadTally()
  }

  func read(_ slices: ArraySlice<TraceSlice>, into tracks: inout HostTracks) -> ReadTally {
    var tally = ReadTally()
    var batch = EventBatch()
    for slice in slices {
      tally.merge(read(slice) { batch.append($0) })
      if batch.count < tracks.fewEvents, slice != slices.last { continue }
      tracks.take(batch.span)
      batch.removeAll()
    }
    return tally
  }
}
