/// One vCPU's counters, or a VM's sums: all that was counted, and what came in an interval.
package struct CounterRow: Hashable, Sendable {
  package var process: ProcessID
  /// The VM's name; empty where it has none.
  package var name: Untrusted
  /// KVM's id of the vCPU; nil of sums.
  package var vcpu: UInt32?
  package var thread: ThreadID?
  /// How long the interval was; nil where there was no sample before.
  package var interval: Nanoseconds?
  /// Since the vCPU was made; nil without a source.
  package var counters: HaltCounters?
  /// In the interval.
  package var delta: HaltCounters?
  /// Since it is watched, and for how long that is.
  package var watched: HaltCounters?
  package var watchedFor: Nanoseconds?

  package init(
    process: ProcessID, name: Untrusted, vcpu: UInt32?, thread: ThreadID?, interval: Nanoseconds?,
    counters: HaltCounters?, delta: HaltCounters?, watched: HaltCounters?,
    watchedFor: Nanoseconds?
  ) {
    self.process = process
    self.name = name
    self.vcpu = vcpu
    self.thread = thread
    self.interval = interval
    self.counters = counters
    self.delta = delta
    self.watched = watched
    self.watchedFor = watchedFor
  }
}

extension CounterRow {
  /// Whether its name or its numbers have `text`, which is in lower case.
  package func has(_ text: String) -> Bool {
    let number = vcpu.map { "\($0)" } ?? ""
    return "\(name.unescaped) pid \(process.rawValue) vcpu \(number)".lowercased().contains(text)
  }

  private func perSecond(_ count: UInt64?) -> Double? {
    guard let count, let interval, interval > 0 else { return nil }
    return Double(count) / Double(interval.rawValue) * 1e9
  }

  private func share(_ time: UInt64?) -> Double? {
    guard let time, let interval, interval > 0 else { return nil }
    return Double(time) / Double(interval.rawValue)
  }

  /// Halts a second: `halt_exits`; where the architecture has none, those polled and those slept.
  package var haltRate: Double? { perSecond(delta?[.exits] ?? delta?.halts) }
  package var wakeupRate: Double? { perSecond(delta?[.wakeups]) }
  package var polledShare: Double? { delta?.polledShare }
  /// Share of a CPU in polls that a wake-up ended; of a VM's sums, CPUs.
  package var successfulShare: Double? { share(delta?[.successfulPollTime]) }
  /// Share of a CPU in polls that were followed by sleep all the same.
  package var wastedShare: Double? { share(delta?[.failedPollTime]) }
  /// Share of a CPU in polls.
  package var pollShare: Double? { share(delta?.pollTime) }

  /// What its counters look like since it is watched, under `parameters`.
  package func pattern(_ parameters: PollParameters) -> CounterPattern? {
    guard let watched, let watchedFor else { return nil }
    return CounterPattern(watched, in: watchedFor, parameters)
  }

  /// Between which bounds `share` of the waits lie, of halts that slept.
  package func wait(_ share: Double) -> LogHistogram.Bounds? { delta?[.waits]?.quantile(share) }
}

/// What rows are sorted by, greatest first.
package enum CounterOrder: Int, CaseIterable, Hashable, Sendable {
  case wasted, successful, halts, polled, wakeups, wait, name

  /// What a row is sorted by; nil comes last.
  private func value(_ row: CounterRow) -> Double? {
    switch self {
    case .wasted: row.wastedShare
    case .successful: row.successfulShare
    case .halts: row.haltRate
    case .polled: row.polledShare
    case .wakeups: row.wakeupRate
    case .wait: row.wait(0.99).map { Double($0.from) }
    case .name: nil
    }
  }

  /// `rows` in this order, or the other way round; rows of equal value by name, process and vCPU.
  package func sorted(_ rows: [CounterRow], isReversed: Bool = false) -> [CounterRow] {
    func place(_ row: CounterRow) -> (String, Int32, UInt32) {
      (row.name.unescaped, row.process.rawValue, row.vcpu ?? 0)
    }
    return rows.map { ($0, value($0) ?? -1) }.sorted { left, right in
      if left.1 != right.1 { return isReversed ? left.1 < right.1 : left.1 > right.1 }
      let (one, other) = (place(left.0), place(right.0))
      return self == .name && isReversed ? other < one : one < other
    }.map(\.0)
  }
}
