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
  /// What only a trace shows; nil of counters.
  package var traced: TracedHalts? {
    get { ofTrace.first }
    set { ofTrace = newValue.map { [$0] } ?? [] }
  }
  /// In an array, so that rows of counters, which a screen copies by the hundred, have no room for it.
  private var ofTrace: [TracedHalts] = []

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

  /// Whether it comes first by its name, process and vCPU, or by its thread where the vCPU is not known.
  fileprivate func stands(before other: CounterRow) -> Bool {
    if name != other.name { return name.unescaped < other.name.unescaped }
    if process != other.process { return process < other.process }
    if vcpu ?? 0 != other.vcpu ?? 0 { return vcpu ?? 0 < other.vcpu ?? 0 }
    func unnamed(_ row: CounterRow) -> Int32 { row.vcpu == nil ? row.thread?.rawValue ?? 0 : 0 }
    return unnamed(self) < unnamed(other)
  }

  private func perSecond(_ count: UInt64?) -> Double? {
    guard let count, let interval, interval > 0 else { return nil }
    return Double(count) / Double(interval.rawValue) * 1e9
  }

  private func share(_ time: UInt64?) -> Double? {
    guard let time, let interval, interval > 0 else { return nil }
    return Double(time) / Double(interval.rawValue)
  }

  /// Halts a second: `halt_exits`; where the architecture has none, and in a trace, those polled and
  /// those slept.
  package var haltRate: Double? { perSecond(traced?.halts ?? delta?[.exits] ?? delta?.halts) }
  package var wakeupRate: Double? { perSecond(delta?[.wakeups]) }
  /// Polls a second that were followed by sleep all the same.
  package var failedPollRate: Double? {
    guard let delta, let attempted = delta[.attemptedPolls],
      let successful = delta[.successfulPolls]
    else { return nil }
    return perSecond(attempted > successful ? attempted - successful : 0)
  }
  package var growRate: Double? { perSecond(traced?.grows) }
  package var shrinkRate: Double? { perSecond(traced?.shrinks) }
  /// The share of halts that ended without sleep; nil where there is none.
  package var polledShare: Double? {
    guard let traced else { return delta?.polledShare }
    return traced.halts == 0 ? nil : Double(traced.polled) / Double(traced.halts)
  }
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
  case wasted, successful, halts, polled, wakeups, wait, window, moves, block, wakeLatency, name

  /// Those that a frame has columns for.
  package static func all(isTraced: Bool) -> [CounterOrder] {
    let others: Set<CounterOrder> =
      isTraced ? [.wakeups, .wait] : [.window, .moves, .block, .wakeLatency]
    return allCases.filter { !others.contains($0) }
  }

  /// What a row is sorted by; nil comes last.
  private func value(_ row: CounterRow) -> Double? {
    switch self {
    case .wasted: row.wastedShare
    case .successful: row.successfulShare
    case .halts: row.haltRate
    case .polled: row.polledShare
    case .wakeups: row.wakeupRate
    case .wait: row.wait(0.99).map { Double($0.from) }
    case .window: row.traced?.window.map { Double($0) }
    case .moves: row.traced.map { Double($0.grows.plus($0.shrinks)) }
    case .block: row.traced?.block.quantile(0.99).map { Double($0) }
    case .wakeLatency: row.traced?.wakeLatency.quantile(0.99).map { Double($0) }
    case .name: nil
    }
  }

  /// `rows` in this order, or the other way round; rows of equal value by name, process and vCPU.
  package func sorted(_ rows: [CounterRow], isReversed: Bool = false) -> [CounterRow] {
    places(of: rows, isReversed: isReversed).map { rows[$0] }
  }

  /// The places of `rows` in this order.
  package func places(of rows: [CounterRow], isReversed: Bool = false) -> [Int] {
    // Mostly they come in the order of their places, which costs a look at each.
    var order = rows.indices.sorted { rows[$0].stands(before: rows[$1]) }
    if self == .name {
      if isReversed { order.reverse() }
    } else {
      let values = rows.map { value($0) ?? -1 }
      // Sorting leaves equal ones as they are.
      order.sort { isReversed ? values[$0] < values[$1] : values[$0] > values[$1] }
    }
    return order
  }
}
