internal import PollTrace

extension Schedule {
  /// What one set of parameters makes of the schedule; `blocks` equal parts of its time apart.
  ///
  /// The state is the halt's begin, the window and the next event. A halt whose event comes before
  /// the poll ends is polled; any other sleeps, and is seen after a latency. The window moves by the
  /// kernel's rule (`PollWindow`).
  func replay(_ parameters: PollParameters, _ rules: PollRules, blocks: Int = 1) -> [PollOutcome] {
    var outcomes = [PollOutcome](repeating: .zero, count: blocks)
    for stretch in stretches {
      replay(stretch, parameters, rules, &outcomes)
    }
    return outcomes
  }

  /// From an event to its being seen by a poll, in ns.
  static let pollLatency: Int64 = 300

  private func replay(
    _ stretch: Stretch, _ parameters: PollParameters, _ rules: PollRules,
    _ outcomes: inout [PollOutcome]
  ) {
    let all = arrivals.span
    let table = latencies.span
    let (from, to) = (stretch.arrivals.lowerBound, stretch.arrivals.upperBound)
    guard from < to else { return }
    let end = stretch.end
    let isExternal = source == .external
    var next = from
    var began = stretch.begin
    var woke = began
    var window = PollWindow(length: min(stretch.window, parameters.ceiling))
    var block = Blocks(stretch.active, outcomes.count)
    var outcome = PollOutcome()
    while began < end {
      var at: Int64
      if isExternal {
        if servesWhileBusy {
          // What came before the wake-up took effect is one with it.
          while next < to, all[next].time <= woke { next &+= 1 }
          while next < to, all[next].time <= began &- pending {
            let served = next
            while next < to, all[next].time <= began { next &+= 1 }
            began &+= Int64(all[served].busyAfterPoll)
          }
        } else {
          while next < to, all[next].time <= began &- pending { next &+= 1 }
        }
        guard next < to, began < end else { break }
        at = max(all[next].time, began)
      } else {
        if next == to { next = from }
        at = woke &+ all[next].time
        if at <= began &- pending {
          woke = began
          began &+= max(1, Int64(all[next].busyAfterPoll))
          next &+= 1
          continue
        }
        at = max(at, began)
      }
      if began >= block.next {
        outcomes[block.index] += outcome
        outcome = PollOutcome()
        block.move(to: began)
      }
      let arrival = all[next]
      next &+= 1
      window.enter(ceiling: parameters.ceiling, rules: rules)
      let length = Int64(window.length)
      let wait = at &- began
      let polls = min(length, Int64(arrival.pollLimit))
      let lasted: Int64
      outcome.halts &+= 1
      outcome.attempted &+= length > 0 ? 1 : 0
      if wait <= polls || wait == 0 {
        lasted = wait == 0 ? 0 : wait &+ Self.pollLatency
        woke = at &+ Self.pollLatency
        began = woke &+ Int64(arrival.busyAfterPoll)
        outcome.latency &+= Self.pollLatency
        if length > 0 {
          outcome.successful &+= 1
          outcome.successTime &+= lasted
        }
      } else {
        if length > 0 {
          outcome.failTime &+= polls
          outcome.abandoned &+= polls < length ? 1 : 0
        }
        var latency = Int64(arrival.ownLatency)
        if latency < 0 {
          let row = Self.row(wait: wait, asleep: wait &- polls, hasShallowRow: hasShallowRow)
          latency = Int64(table[row &* Quantiles.ranks &+ Int(arrival.rank)])
        }
        woke = at &+ latency
        lasted = woke &- (at &- wait)
        began = woke &+ Int64(arrival.busyAfterSleep)
        outcome.latency &+= latency
      }
      _ = window.leave(after: UInt64(lasted), parameters: parameters, rules: rules)
    }
    outcomes[block.index] += outcome
  }

  /// `Latencies.row` without a logarithm: half octaves by the leading bit and √2.
  @inline(__always)
  static func row(wait: Int64, asleep: Int64, hasShallowRow: Bool) -> Int {
    if hasShallowRow, asleep < Latencies.shallow { return 0 }
    let units = UInt64(max(wait, 0)) >> 10
    guard units > 0 else { return 1 }
    let octave = 63 &- units.leadingZeroBitCount
    guard octave < 12 else { return Latencies.rows &- 1 }
    // 1.024 µs · 2^octave · √2
    let half = (UInt64(1_448_154_688) << UInt64(octave)) / 1_000_000
    return min(1 &+ 2 &* octave &+ (UInt64(wait) >= half ? 1 : 0), Latencies.rows &- 1)
  }
}

/// Equal parts of a stretch's active time; what lies outside belongs to the first and the last.
private struct Blocks {
  private let begin: Int64
  private let length: Int64
  private let count: Int
  private(set) var index = 0
  /// Where the current one ends.
  private(set) var next: Int64

  init(_ span: Range<Int64>, _ count: Int) {
    begin = span.lowerBound
    self.count = count
    length = (span.upperBound - begin) / Int64(count) + 1
    next = count == 1 ? .max : begin + length
  }

  mutating func move(to time: Int64) {
    index = min(Int((time - begin) / length), count - 1)
    next = index == count - 1 ? .max : begin + Int64(index + 1) * length
  }
}
