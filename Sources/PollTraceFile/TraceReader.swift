package import PollTrace

/// One format of trace: bytes in, the same stream of events out.
///
/// A reader knows everything about its format and lets nothing of it out. It is shared by threads,
/// each of which reads another slice of time.
package protocol TraceReader: AnyObject, Sendable {
  /// What the file says of itself.
  var description: TraceDescription { get }
  /// What was already found missing or damaged when the file was opened.
  var ledger: Ledger { get }

  /// Losses by CPU as the recorder counted them, which may be more than the pages show.
  var statedLosses: [CPU: UInt64] { get }
  /// The time of the earliest event of any kind; nil where there is none.
  var begin: Timestamp? { get }
  /// The time of the latest one, where that is known without reading them all.
  var end: Timestamp? { get }

  /// Cuts the trace into at most `count` slices of time of about equal work, in order and without
  /// gaps. A format that must be read from its beginning gives one.
  func slices(atMost count: Int) -> [TraceSlice]

  /// Hands every event of `slice` to `take`, in batches, each CPU's in order of time.
  ///
  /// Events that say nothing about halts are counted and not handed over. Damage ends the page or
  /// section it lies in, is written to the tally's ledger, and reading goes on behind it.
  func read(_ slice: TraceSlice, _ take: (Span<Event>) -> Void) -> ReadTally

  /// Reads slices that follow each other into `tracks`.
  func read(_ slices: ArraySlice<TraceSlice>, into tracks: inout HostTracks) -> ReadTally

  /// When events were lost; nil where only the events themselves tell.
  var losses: Losses? { get }

  /// Says after all slices were read whether the trace is as was thought before; where not, it is to
  /// be read again, and may be cut in another way from then on.
  func settle() -> Bool
}

extension TraceReader {
  package var end: Timestamp? { nil }
  package var losses: Losses? { nil }
  package func settle() -> Bool { true }

  package func read(_ slices: ArraySlice<TraceSlice>, into tracks: inout HostTracks) -> ReadTally {
    var batch = EventBatch()
    return slices.reduce(into: ReadTally()) { tally, slice in
      tally.merge(read(slice) { batch.append($0) })
      tracks.take(batch.span)
      batch.removeAll()
    }
  }
}

/// A half-open span of time of one trace: events with `from <= time < to` belong to it.
package struct TraceSlice: Hashable, Sendable {
  package var from: Timestamp
  package var to: Timestamp
  package init(from: Timestamp, to: Timestamp) {
    self.from = from
    self.to = to
  }
  /// The whole trace.
  package static var everything: Self { Self(from: Timestamp(0), to: Timestamp(.max)) }
}
