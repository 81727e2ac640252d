internal import CReplay
internal import PollTrace

extension Schedule {
  /// What `policy` makes of the schedule, in `blocks` blocks of time.
  ///
  /// The state is the halt's begin, the window and the next event. A halt whose event comes before
  /// the poll ends is polled; any other sleeps, and is seen after a latency. `weight` is what a
  /// nanosecond of latency costs a policy that acts in hindsight.
  func replay<Policy: PollPolicy>(
    _ policy: Policy, blocks: Int = 1, weight: Double = 0
  ) -> [PollOutcome] {
    var nobody = NobodyWatches()
    return replay(policy, blocks: blocks, weight: weight, watch: &nobody)
  }

  /// The same, and each halt's latency to `watch`.
  func replay<Policy: PollPolicy, Watch: LatencyWatch>(
    _ policy: Policy, blocks: Int = 1, weight: Double = 0, watch: inout Watch
  ) -> [PollOutcome] {
    var outcomes = [PollOutcome](repeating: .zero, count: blocks)
    let blocks = self.blocks.joined(into: blocks)
    var policy = policy
    policy.open(window)
    for stretch in stretches { replay(stretch, blocks, &policy, weight, &outcomes, &watch) }
    return outcomes
  }

  /// From an event to its being seen by a poll, in ns.
  static let pollLatency: Int64 = 300

  /// What polling through a wait of `wait` ns costs, where a nanosecond of latency costs `weight`.
  static func pollCost(of wait: Int64, _ weight: Double) -> Double {
    Double(wait) + (weight + 1) * Double(pollLatency)
  }

  /// How often the events of a stretch are used again at most, where the guest makes them itself.
  ///
  /// Other settings make some times as many halts of the same time at most; a damaged time of some
  /// centuries would make billions.
  static let mostRounds = 64

  @inline(__always)
  private func replay<Policy: PollPolicy, Watch: LatencyWatch>(
    _ stretch: Stretch, _ blocks: TimeBlocks, _ policy: inout Policy, _ weight: Double,
    _ outcomes: inout [PollOutcome], _ watch: inout Watch
  ) {
    let all = arrivals.span
    let table = latencies.span
    let rivals = self.rivals
    var queue = RunQueue(at: stretch.begin, holdsSleeper: stretch.holdsSleeper)
    let (from, to) = (stretch.arrivals.lowerBound, stretch.arrivals.upperBound)
    guard from < to else { return }
    let end = stretch.end
    let isExternal = source == .external
    var next = from
    var began = stretch.begin
    var woke = began
    var rounds = Self.mostRounds
    // How much later than recorded its sender sends the next event.
    var shift = isExternal ? self.shift(of: all[from], after: 0, woke: false) : 0
    var (block, blockEnd) = (0, blocks.end(of: 0))
    var outcome = PollOutcome()
    while began < end {
      var at: Int64
      // Where the recorded event lies, by which other tasks are placed.
      let base: Int64
      if isExternal {
        if servesWhileBusy {
          // What came before the wake-up took effect is one with it.
          var settled = woke
          while next < to {
            let comes = all[next].time &+ shift
            if comes > settled {
              guard comes <= began &- pending else { break }
              settled = began
              began &+= Int64(all[next].busyAfterPoll)
            }
            pass(all, &next, to, &shift)
          }
        } else {
          while next < to, all[next].time &+ shift <= began &- pending {
            pass(all, &next, to, &shift)
          }
        }
        guard next < to, began < end else { break }
        base = all[next].time
        at = max(base &+ shift, began)
      } else {
        if next == to {
          next = from
          rounds &-= 1
          guard rounds > 0 else { break }
        }
        at = began &+ all[next].time
        base = at
      }
      if began >= blockEnd {
        outcomes[block] += outcome
        outcome = PollOutcome()
        block = blocks.index(of: began)
        blockEnd = blocks.end(of: block)
      }
      let arrival = all[next]
      next &+= 1
      let length = policy.enter(at: began)
      let wait = at &- began
      var limit = Int64(arrival.pollLimit)
      if let rivals {
        limit = min(
          limit,
          queue.pollLimit(
            at: began, Policy.isEndedByOthers ? length : 0, event: at, base,
            rivals[arrival.rivals]))
      }
      let polls = Policy.isEndedByOthers ? min(length, limit) : length
      let lasted: Int64
      let isPolled = wait <= polls || wait == 0
      if isPolled {
        lasted = wait == 0 ? 0 : wait &+ Self.pollLatency
        woke = at &+ Self.pollLatency
        began = woke &+ Int64(arrival.busyAfterPoll)
        queue.polled(until: at)
      } else {
        var latency = Int64(arrival.ownLatency)
        if latency < 0 {
          let row = Self.row(wait: wait, asleep: wait &- polls, hasShallowRow: hasShallowRow)
          latency = Int64(table[row &* Quantiles.ranks &+ Int(arrival.rank)])
        }
        woke = at &+ latency
        if let rivals {
          if let seen = queue.wake(
            arrival, event: at, base, wait: wait,
            peerPolls: Policy.isEndedByOthers ? min(length, wait) : 0,
            last: rivals[arrival.rivals].last)
          {
            woke = seen
          } else {
            queue.woke(at: woke)
          }
        }
        lasted = woke &- (at &- wait)
        began = woke &+ Int64(arrival.busyAfterSleep)
      }
      if isExternal, next < to { shift = self.shift(of: all[next], after: shift, woke: !isPolled) }
      if Policy.actsInHindsight {
        outcome.addBest(
          of: arrival, wait: wait, limit: limit, seen: isPolled ? nil : woke &- at, weight, self)
      } else if isPolled {
        outcome.addPolled(lasted, isAttempt: length > 0, self.limit)
        watch.saw(Self.pollLatency, in: block)
      } else {
        outcome.addSlept(afterPolling: polls, of: length, latency: woke &- at, self.limit)
        watch.saw(woke &- at, in: block)
      }
      policy.leave(after: lasted, asleep: isPolled ? 0 : lasted &- polls)
    }
    outcomes[block] += outcome
  }

  /// The next event meets the vCPU running, and is one with what it does.
  @inline(__always)
  private func pass(_ all: Span<Arrival>, _ next: inout Int, _ end: Int, _ shift: inout Int64) {
    next &+= 1
    if next < end { shift = self.shift(of: all[next], after: shift, woke: false) }
  }

  /// How much later than recorded `arrival` is sent behind an event that was sent `shift` ns later, and had to
  /// wake the vCPU or not.
  @inline(__always)
  private func shift(of arrival: Arrival, after shift: Int64, woke: Bool) -> Int64 {
    switch arrival.sending {
    case .alone: 0
    case .behindAwake: shift &+ (woke ? wakingCost : 0)
    case .behindAsleep: shift &+ (woke ? 0 : 0 &- wakingCost)
    }
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
    return 1 &+ 2 &* octave &+ (wait >= 1_448 &<< Int64(octave) ? 1 : 0)
  }
}

extension PollOutcome {
  /// Counts a halt that ended without sleep after `lasted` ns.
  @inline(__always)
  fileprivate mutating func addPolled(_ lasted: Int64, isAttempt: Bool, _ limit: Int32) {
    halts &+= 1
    latency &+= Schedule.pollLatency
    late &+= Schedule.pollLatency > limit ? 1 : 0
    guard isAttempt else { return }
    attempted &+= 1
    successful &+= 1
    successTime &+= lasted
  }

  /// Counts a halt that slept after `polls` ns of a window of `length`.
  @inline(__always)
  fileprivate mutating func addSlept(
    afterPolling polls: Int64, of length: Int64, latency: Int64, _ limit: Int32
  ) {
    halts &+= 1
    self.latency &+= latency
    late &+= latency > limit ? 1 : 0
    guard length > 0 else { return }
    attempted &+= 1
    failTime &+= polls
    abandoned &+= polls < length ? 1 : 0
  }

  /// Counts a halt as the cheaper of polling until its event, for `limit` ns at most, and sleeping at
  /// once; one that slept was seen after `seen` ns.
  fileprivate mutating func addBest(
    of arrival: Schedule.Arrival, wait: Int64, limit: Int64, seen: Int64?, _ weight: Double,
    _ schedule: Schedule
  ) {
    let row = Schedule.row(wait: wait, asleep: wait, hasShallowRow: schedule.hasShallowRow)
    let asleep =
      arrival.ownLatency >= 0
      ? Int64(arrival.ownLatency)
      : Int64(schedule.latencies[row &* Quantiles.ranks &+ Int(arrival.rank)])
    let polling = Schedule.pollCost(of: wait, weight)
    if wait == 0 {
      addPolled(0, isAttempt: false, schedule.limit)
    } else if wait <= limit, polling < weight * Double(asleep) {
      addPolled(wait &+ Schedule.pollLatency, isAttempt: true, schedule.limit)
    } else {
      // It cannot have waited for longer than it did.
      let wasSeen = schedule.rivals == nil ? asleep : min(asleep, seen ?? asleep)
      addSlept(afterPolling: 0, of: 0, latency: wasSeen, schedule.limit)
    }
  }
}
