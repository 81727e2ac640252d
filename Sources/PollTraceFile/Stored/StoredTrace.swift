internal import PollTrace

/// A trace whose events were found when it was opened.
final class StoredTrace<Streams: EventStreams>: TraceReader {
  let description: TraceDescription
  let ledger: Ledger
  let statedLosses: [CPU: UInt64]
  let losses: Losses
  private let streams: Streams
  private let otherSigns: VMSigns

  /// `signs` is what events tell that are not among the streams'.
  init(
    _ streams: Streams, _ description: TraceDescription, ledger: Ledger, signs: VMSigns,
    statedLosses: [CPU: UInt64] = [:]
  ) {
    self.streams = streams
    otherSigns = signs
    losses = streams.losses
    self.description = description
    self.ledger = ledger
    self.statedLosses = statedLosses
  }

  var begin: Timestamp? { streams.tally.first }

  func signs() -> VMSigns { otherSigns }

  var size: Int { streams.counts.reduce(0, +) / eventsOfPage * 4_096 }

  func moments(every pages: Int) -> [Timestamp] {
    let counts = streams.counts
    let events = counts.reduce(0, +)
    let wanted = events / (pages * eventsOfPage)
    guard wanted > 1 else { return [] }
    let step = max(1, events / (wanted * 4))
    var times: [Timestamp] = []
    for stream in counts.indices {
      times += stride(from: 0, to: counts[stream], by: step).map {
        streams.time(of: $0, in: stream)
      }
    }
    times.sort()
    return Set((1..<wanted).map { times[$0 * times.count / wanted] }).sorted()
  }

  var sourceCount: Int { max(1, streams.counts.count) }

  func source(_ number: Int) -> sending any EventSource {
    // What was counted while the file was read belongs to no stream: the first one has it.
    StreamSource(
      streams: streams, stream: number,
      count: number < streams.counts.count ? streams.counts[number] : 0,
      tally: number == 0 ? streams.tally : ReadTally())
  }
}

/// One stream's events.
private struct StreamSource<Streams: EventStreams>: EventSource {
  let streams: Streams
  let stream: Int
  let count: Int
  let tally: ReadTally
  private var next = 0

  init(streams: Streams, stream: Int, count: Int, tally: ReadTally) {
    (self.streams, self.stream, self.count, self.tally) = (streams, stream, count, tally)
  }

  mutating func read(until end: Timestamp, into batch: inout EventBatch) {
    let stop = streams.first(notBefore: end, in: stream, from: next, count: count)
    if next < stop { streams.append(next..<stop, of: stream, to: &batch) }
    next = stop
  }
}

/// About how many events a page of a trace.dat holds.
private let eventsOfPage = 64
