internal import Dispatch
package import PollTrace
internal import Synchronization

extension TraceReader {
  /// The tracks of all vCPU threads and what reading counted, read on `threads` threads.
  ///
  /// The trace is cut into slices of time by its size alone. A thread reads a part of the trace,
  /// some slices that follow each other, and the parts' tracks are joined in order and without a
  /// loss: the result does not depend on how many threads there are, and beside tracks no more than a
  /// slice a thread is in memory.
  package func tracks(
    in scope: TrackScope, threads: Int
  ) -> (tracks: HostTracks, tally: ReadTally) {
    var reading = readOnce(in: scope, threads: threads)
    // What one reading shows the next one knows; the third is the last, as the file may be changing.
    var readings = 1
    while !settle(), readings < 3 {
      reading = readOnce(in: scope, threads: threads)
      readings += 1
    }
    var (tracks, tally) = reading.result
    tally.lost.merge(statedLosses, uniquingKeysWith: max)
    if !tally.lost.isEmpty { tally.uncountedLosses = 0 }
    tracks.finish(at: tally.last ?? Timestamp(0))
    return (tracks, tally)
  }

  private func readOnce(in scope: TrackScope, threads: Int) -> TraceReading {
    var scope = scope
    scope.losses = losses
    let slices = slices(atMost: TraceReading.slices)
    let parts = max(
      1, min(TraceReading.parts(for: threads), slices.count / TraceReading.slicesOfPart))
    let reading = TraceReading(sum: HostTracks(scope: scope))
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, parts))) { [scope] _ in
      while let (number, tracks) = reading.next(below: parts) {
        let range = number * slices.count / parts..<(number + 1) * slices.count / parts
        var part = HostTracks(scope: scope, threads: tracks)
        let tally = read(slices[range], into: &part)
        part.rest()
        reading.finish(number, part, tally)
      }
    }
    return reading
  }
}

/// Slices of a trace being read: hands out numbers, joins what comes back in order.
private final class TraceReading: Sendable {
  /// Into how many slices a trace is cut at most.
  static let slices = 1 << 16
  /// How many parts they make.
  ///
  /// Two a thread, so that none waits for long, and no more, since each has tracks of its own. How a
  /// trace is parted changes nothing of what it comes to.
  static func parts(for threads: Int) -> Int { max(8, 2 * threads) }
  /// Fewer slices than these are not worth tracks of their own.
  static let slicesOfPart = 8

  private struct State: ~Copyable {
    var next = 0
    var parts = InOrder<(HostTracks, ReadTally)>()
    var sum: HostTracks
    var tally = ReadTally()
  }
  private let state: Mutex<State>

  init(sum: HostTracks) { state = Mutex(State(sum: sum)) }

  /// The next part, and how many tracks it is likely to have.
  func next(below count: Int) -> (part: Int, tracks: Int)? {
    state.withLock { state in
      guard state.next < count else { return nil }
      defer { state.next += 1 }
      return (state.next, state.sum.tracks.count)
    }
  }

  func finish(_ number: Int, _ tracks: sending HostTracks, _ tally: ReadTally) {
    state.withLock { state in
      state.parts.add((tracks, tally), number) { tracks, tally in
        state.sum.append(tracks)
        state.tally.merge(tally)
      }
    }
  }

  var result: (HostTracks, ReadTally) { state.withLock { ($0.sum, $0.tally) } }
}
