internal import PollTrace

/// The events of a trace that was read from its beginning: streams, each in order of time.
///
/// One a CPU, or one for all where the file has them in order.
protocol EventStreams: Sendable {
  /// How many events each stream has.
  var counts: [Int] { get }
  /// What reading counted, of events of every kind.
  var tally: ReadTally { get }
  /// Whether some of the events say that others were lost.
  var hasLosses: Bool { get }

  /// When event `index` of stream `stream` was.
  func time(of index: Int, in stream: Int) -> Timestamp
  /// Puts events of stream `stream` behind those in `batch`.
  func append(_ range: Range<Int>, of stream: Int, to batch: inout EventBatch)
}

extension EventStreams {
  /// When events were lost on which CPUs.
  var losses: Losses {
    var losses = Losses()
    guard hasLosses else { return losses }
    for (stream, count) in counts.enumerated() {
      var last: [CPU: Timestamp] = [:]
      var batch = EventBatch()
      for start in stride(from: 0, to: count, by: 4_096) {
        append(start..<min(start + 4_096, count), of: stream, to: &batch)
        for index in 0..<batch.count {
          let event = batch.room[index]
          if event.what == .lost {
            losses.add(
              Losses.Loss(after: last[event.cpu], before: event.time), on: event.cpu)
          }
          last[event.cpu] = event.time
        }
        batch.removeAll()
      }
    }
    return losses
  }

  /// The first of stream `stream`'s `count` events, from `start` on, that is not before `time`: found
  /// the sooner, the nearer it is.
  func first(notBefore time: Timestamp, in stream: Int, from start: Int, count: Int) -> Int {
    if time.rawValue == .max { return count }
    var (low, step) = (start, 1)
    while low + step < count, self.time(of: low + step, in: stream) < time {
      low += step
      step *= 2
    }
    return (low..<min(low + step, count))
      .firstInOrder(where: { self.time(of: $0, in: stream) >= time })
  }
}
