/// Which halts are logged where there are too many for a replay: those that ended in spans of the trace's
/// time.
///
/// Spans are the same for all vCPUs: where one is known, all others are. From one span's begin to the next
/// lie as many halts, in whatever time: a burst has as many spans as the same number of halts spread over an
/// hour, so memory is bounded, and each part of the recording has its share.
package struct HaltSample: Hashable, Sendable {
  /// In order.
  let spans: [Range<Timestamp>]

  /// All halts.
  package static let all = HaltSample(spans: [Timestamp(0)..<Timestamp(.max)])

  private init(spans: [Range<Timestamp>]) { self.spans = spans }

  /// About `share` of the halts that ended at `times`, in so many spans.
  package init(of times: HaltTimes, share: Double, spans count: Int) {
    let halts = Double(times.count)
    let length = halts * min(1, max(0, share)) / Double(count)
    let begins = (0..<count).map { halts * Double($0) / Double(count) }
    let edges = times.times(ofHalts: begins.flatMap { [$0, $0 + length] })
    self.init(spans: (0..<count).map { edges[2 * $0]..<edges[2 * $0 + 1] })
  }

  /// Which of the spans has a halt that ended at `time`; nil where none does.
  func span(of time: Timestamp) -> Int? {
    let span = spans.indices.firstInOrder { time < spans[$0].upperBound }
    return span < spans.count && spans[span].lowerBound <= time ? span : nil
  }

  /// A sample of each of several threads, which have so many `halts` and end them at `times`: of about `most`
  /// halts in all.
  ///
  /// Spans of all threads begin together; those of threads with few halts are longer.
  package static func each<Thread: Hashable>(
    of halts: [Thread: UInt64], at times: HaltTimes, most: Int
  ) -> [Thread: HaltSample] {
    let total = { (some: [Thread: UInt64]) in some.values.reduce(0) { $0 + Double($1) } }
    // Half of all is for everyone alike.
    let least = Double(most / max(1, 2 * halts.count))
    let few = halts.filter { Double($0.value) * Double(most) < least * total(halts) }
    let many = halts.filter { few[$0.key] == nil }
    let left = Double(most) - few.values.reduce(0) { $0 + min(Double($1), least) }
    let share = left / max(1, total(many))
    // A span's first halt of each thread follows one that is not known: short spans are worth little.
    let spans = Int(left / Double(Self.shortest * max(1, many.count)))
    let count = max(1, min(RecordingSpan.samples, spans))
    let sample = HaltSample(of: times, share: share, spans: count)
    return halts.mapValues { number in
      let own = least / Double(max(1, number))
      return own <= share ? sample : HaltSample(of: times, share: own, spans: count)
    }
  }

  /// So many halts of a thread in a span at least.
  private static let shortest = 32
}
