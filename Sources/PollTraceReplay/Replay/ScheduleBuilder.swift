internal import CReplay
internal import PollTrace

/// Puts a schedule together from what a recording shows.
struct ScheduleBuilder {
  let halts: Observation
  let latencies: Latencies
  let busy: BusyTimes
  let draw: Evidence.Draw
  let contention: Contention?
  let accepted: AcceptedEvents?
  let blocks: TimeBlocks
  var random: SplitMix64
  /// Halts in whose running time other wake events hid.
  var hasForeignBusy: Set<Int> = []
  var isQuickAfterPoll = false

  /// The schedule of the recorded events, and of the `hidden` ones where they come from outside.
  mutating func schedule(
    _ source: WakeSource.Kind, _ hidden: [AcceptedEvents.Hidden], serves: Bool
  ) -> Schedule {
    let first = (0..<halts.count).first { halts[$0].hasWindow }
    var schedule = Schedule(
      source: source, servesWhileBusy: serves, arrivals: [],
      rivals: contention == nil ? nil : [], stretches: [], blocks: blocks,
      window: UInt32(clamping: first.map { halts[$0].window } ?? 0), latencies: latencies.table,
      hasShallowRow: latencies.hasShallowRow, pending: pending,
      wakingCost: accepted?.wakingCost ?? 0)
    schedule.arrivals.reserveCapacity(halts.count + hidden.count)
    let hidden = hidden.sorted { $0.time < $1.time }
    var nextHidden = 0
    for stretch in halts.stretches {
      let first = schedule.arrivals.count
      let end = halts[stretch.upperBound - 1].woke
      for index in stretch {
        var arrival = seenArrival(index, isFollowed: index + 1 < stretch.upperBound)
        if halts[index].wokenLocally { arrival.taskStays = RunQueue.localWaker }
        arrival.isSeen = true
        if let accepted { arrival.sending = accepted.sendings[index] }
        switch source {
        case .external: arrival.time = halts[index].arrival
        case .ownRequests: arrival.time = max(0, halts[index].arrival - halts[index].began)
        }
        schedule.arrivals.append(arrival)
      }
      var extra: [Schedule.Arrival] = []
      while nextHidden < hidden.count, hidden[nextHidden].time < end {
        extra.append(hiddenArrival(hidden[nextHidden]))
        nextHidden += 1
      }
      if source == .external { Self.merge(extra, into: &schedule.arrivals, from: first) }
      if let contention { addRivals(of: contention, to: &schedule, from: first, stretch) }
      schedule.stretches.append(
        Schedule.Stretch(
          arrivals: first..<schedule.arrivals.count, begin: halts[stretch.lowerBound].began,
          end: end, holdsSleeper: beginsBehindSleeper(schedule.stretches.count)))
    }
    return schedule
  }

  /// Whether the stretch with this number begins behind a task that still counts, as often as halts do.
  private func beginsBehindSleeper(_ number: Int) -> Bool {
    guard let contention else { return false }
    var random = SplitMix64(seed: UInt64(number))
    return random.uniform() < contention.sleeperShare * contention.held.afterLong.share
  }

  /// Gives each arrival from `first` on the tasks that had its CPU since the one before, and what
  /// chance decides of them.
  private mutating func addRivals(
    of contention: Contention, to schedule: inout Schedule, from first: Int,
    _ stretch: Range<Int>
  ) {
    var rivals = schedule.rivals ?? []
    var last = TimeOffset(halts[stretch.lowerBound].began)
    var places: [UInt16: Int] = [:]
    for index in first..<schedule.arrivals.count {
      // Own requests keep no time, and none are hidden: they are the halts.
      let halt = schedule.arrivals[index].halt
      let time = TimeOffset(
        schedule.source == .external
          ? schedule.arrivals[index].time : halts[Int(halt)].arrival)
      let cpu = halts[Int(halt)].cpu
      let occupants = contention.occupants[cpu] ?? []
      var place = places[cpu] ?? occupants.partition { $0.left <= last }
      while place < occupants.count, occupants[place].left <= last { place += 1 }
      places[cpu] = place
      let begin = rivals.count
      while place < occupants.count, occupants[place].arrived <= time {
        rivals.append(Schedule.Rival(occupants[place], number: place, at: time))
        place += 1
      }
      schedule.arrivals[index].rivals = begin..<rivals.count
      if place > 0, let next = occupants[place - 1].wokenNext {
        let left = occupants[place - 1].left
        if left <= time, time < next {
          let ago = min((time - left).rawValue, Schedule.Rival.far)
          schedule.arrivals[index].peerHalted = Int32(clamping: ago)
        }
      }
      drawWakeup(of: contention, &schedule.arrivals[index], &rivals)
      last = max(last, time)
    }
    schedule.rivals = rivals
  }

  private mutating func drawWakeup(
    of contention: Contention, _ arrival: inout Schedule.Arrival, _ rivals: inout [Schedule.Rival]
  ) {
    arrival.path = contention.paths[random.index(below: Quantiles.ranks)]
    let held = random.uniform()
    arrival.holdsAfterShort = held < contention.held.afterShort.share
    arrival.holdsAfterLong = held < contention.held.afterLong.share
    arrival.preemptingLatency =
      contention.preemptingLatencies[random.index(below: Quantiles.ranks)]
    let preempts = random.uniform() < contention.preemptingShare
    arrival.patience = preempts ? 0 : contention.longestWait
    // A wake-up that was recorded does as it did.
    let halt = halts[Int(arrival.halt)]
    guard arrival.isSeen, halt.hasLatency else { return }
    switch halt.enteredFrom {
    case .preempted:
      (arrival.patience, arrival.preemptingLatency) = (0, Int32(clamping: halt.latency))
    case .sleeper:
      arrival.patience = max(contention.longestWait, Int32(clamping: halt.latency))
      arrival.path = Int32(clamping: halt.path)
      let stayed = Int32(clamping: max(0, halt.latency - halt.path))
      if let last = arrival.rivals.last, rivals[last].left > 0 {
        rivals[last].left = stayed
      } else if arrival.peerHalted < 0 {
        arrival.taskStays = stayed
      }
    case .idle, nil: break
    }
  }

  /// Puts `hidden` ones among the arrivals from `first` on, where they lie, as there may be a million.
  private static func merge(
    _ hidden: [Schedule.Arrival], into arrivals: inout [Schedule.Arrival], from first: Int
  ) {
    guard !hidden.isEmpty else { return }
    guard (first + 1..<arrivals.count).allSatisfy({ arrivals[$0 - 1].time <= arrivals[$0].time })
    else {
      // Times that run backwards.
      let all = (arrivals[first...] + hidden).sorted { $0.time < $1.time }
      arrivals.replaceSubrange(first..., with: all)
      return
    }
    var seen = arrivals.count - 1
    arrivals += hidden
    var place = arrivals.count - 1
    for arrival in hidden.reversed() {
      while seen >= first, arrivals[seen].time > arrival.time {
        arrivals[place] = arrivals[seen]
        (seen, place) = (seen - 1, place - 1)
      }
      arrivals[place] = arrival
      place -= 1
    }
  }

  /// How late in the busy time an event still ends the next halt at once.
  ///
  /// Halts that ended at once tell: their share over the rate of events is that time.
  private var pending: Int64 {
    let waiting = (0..<halts.count).reduce(0) { $0 + halts[$1].wait }
    let rate = Double(halts.count) / Double(max(1, waiting))
    let atOnce = (0..<halts.count).filter { halts[$0].wait <= 500 }.count
    // Times that run backwards make a busy time below nothing.
    return max(0, min(busy.median, Int64(saturating: Double(atOnce) / Double(halts.count) / rate)))
  }

  private mutating func seenArrival(_ index: Int, isFollowed: Bool) -> Schedule.Arrival {
    let known = draw.latencyRanks[index]
    let (rank, slow) = known.map { ($0, nil) } ?? drawLatency()
    let busyRank = draw.busyRanks[index] ?? UInt8(random.index(below: Quantiles.ranks))
    var arrival = self.arrival(rank: rank, busyRank: busyRank, limit: draw.cuts.limits[index])
    arrival.halt = Int32(index)
    arrival.ownLatency = slow ?? -1
    // The slowest wake-ups are due to their moment, and no row of 64 holds them.
    let isSlowest = known == UInt8(Quantiles.ranks - 1) && !latencies.slowest.isEmpty
    if latencies.stalled[index] || isSlowest {
      arrival.ownLatency = Int32(clamping: halts[index].latency)
    }
    guard isFollowed else { return arrival }
    let own = Int32(clamping: max(0, halts.busy(index)))
    if busy.isOutlier[index] {
      arrival.busyAfterPoll = own
      arrival.busyAfterSleep = own
    } else if !hasForeignBusy.contains(index) {
      if halts[index].slept { arrival.busyAfterSleep = own } else { arrival.busyAfterPoll = own }
    }
    return arrival
  }

  private mutating func hiddenArrival(_ event: AcceptedEvents.Hidden) -> Schedule.Arrival {
    let (rank, slow) = drawLatency()
    var arrival = self.arrival(
      rank: rank, busyRank: UInt8(random.index(below: Quantiles.ranks)),
      limit: draw.cuts.limits[event.halt])
    arrival.ownLatency = slow ?? -1
    arrival.time = event.time
    arrival.halt = Int32(event.halt)
    arrival.sending = event.sending
    return arrival
  }

  /// The place in its row of a latency that was not recorded, or one of the slowest as often as those were.
  private mutating func drawLatency() -> (rank: UInt8, slow: Int32?) {
    guard !latencies.slowest.isEmpty else {
      return (UInt8(random.index(below: Quantiles.ranks)), nil)
    }
    let rank = UInt8(random.index(below: Quantiles.ranks - 1))
    guard random.uniform() < latencies.slowestShare else { return (rank, nil) }
    return (rank, latencies.slowest[random.index(below: latencies.slowest.count)])
  }

  private func arrival(rank: UInt8, busyRank: UInt8, limit: Int32) -> Schedule.Arrival {
    var afterPoll = max(0, busy.afterPoll[Int(busyRank)])
    if isQuickAfterPoll { afterPoll = min(afterPoll, Int32(clamping: max(0, busy.lowestTenth))) }
    return Schedule.Arrival(
      time: 0, busyAfterPoll: afterPoll,
      busyAfterSleep: max(0, busy.afterSleep[Int(busyRank)]),
      pollLimit: limit, ownLatency: -1, rank: rank)
  }
}

extension Schedule.Rival {
  /// An occupant around an event at `time`.
  fileprivate init(_ occupant: Contention.Occupant, number: Int, at time: TimeOffset) {
    let far = Self.far
    let after = { (moment: TimeOffset) in
      Int32(clamping: max(-far, min((moment - time).rawValue, far)))
    }
    self.init(
      number: Int32(truncatingIfNeeded: number), arrived: after(occupant.arrived),
      left: after(occupant.left),
      run: Int32(clamping: max(0, min((occupant.left - occupant.entered).rawValue, far))))
  }
}

extension [Contention.Occupant] {
  /// The first place, of occupants in order, at which `isBefore` does not hold any more.
  fileprivate func partition(_ isBefore: (Contention.Occupant) -> Bool) -> Int {
    indices.firstInOrder(where: { !isBefore(self[$0]) })
  }
}
