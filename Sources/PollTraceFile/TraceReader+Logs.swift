internal import Dispatch
package import PollTrace
internal import Synchronization

extension TraceReader {
  /// The halts one by one of each vCPU thread, of about `budget` halts in all.
  ///
  /// A trace with more halts is sampled: `RecordingSpan.samples` spans of time, evenly spread, whatever
  /// lies between them left out. `tracks` are those of the whole trace, `scope` what they were read with.
  package func logs(
    of tracks: HostTracks, in scope: TrackScope, from begin: Timestamp, to end: Timestamp,
    budget: Int, threads: Int
  ) -> [ThreadID: HaltLog] {
    var scope = scope.keeping(.log)
    scope.losses = losses
    let halts = tracks.tracks.reduce(0) { $0 + Int($1.measures.halts) }
    guard halts > budget, begin < end else {
      let tracks = self.tracks(in: scope, threads: threads).tracks
      return Dictionary(uniqueKeysWithValues: tracks.tracks.map { ($0.thread, $0.log) })
    }
    let from = max(begin, scope.from)
    let length = (min(end, scope.to) - from).rawValue
    let spans = (0..<UInt64(RecordingSpan.samples)).map { number in
      let start = from + Nanoseconds(length / UInt64(RecordingSpan.samples) * number)
      let part = Double(length) / Double(RecordingSpan.samples) * Double(budget) / Double(halts)
      return TraceSlice(from: start, to: start + Nanoseconds(max(1, UInt64(part))))
    }
    let share = Double(budget) / Double(halts)
    // Room for what is expected and a tenth more: growing by doubling would take twice as much.
    let room = Dictionary(
      tracks.tracks.map { ($0.thread, Int(Double($0.measures.halts) * share * 1.1) + 64) },
      uniquingKeysWith: max)
    let joined = Mutex((parts: InOrder<[(ThreadID, HaltLog)]>(), logs: [ThreadID: HaltLog]()))
    DispatchQueue.concurrentPerform(iterations: spans.count) { [scope] number in
      var part = HostTracks(scope: scope)
      // Batches are CPU by CPU, and a halt's waking may be another CPU's: all of them are taken at once.
      var events: [Event] = []
      _ = read(spans[number]) { batch in
        for index in batch.indices { events.append(batch[index]) }
      }
      part.take(events.span)
      part.finish(at: spans[number].to)
      let logs = part.tracks.map { track in
        // One that grew has room that it does not need.
        var log = HaltLog(room: track.log.entries.count)
        log.append(track.log)
        return (track.thread, log)
      }
      joined.withLock { joined in
        joined.parts.add(logs, number) { logs in
          for (thread, log) in logs {
            joined.logs[thread, default: HaltLog(room: room[thread] ?? 0)].breakOff()
            joined.logs[thread]?.append(log)
          }
        }
      }
    }
    return joined.withLock { $0.logs }
  }
}
