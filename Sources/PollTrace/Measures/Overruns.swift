/// Failed polls whose thread was switched out long after their window had run out.
///
/// The CPU was taken away for longer than the way through the scheduler takes: while the poll looked
/// at the clock for the last time, and KVM counts the whole as polling, or behind the poll's end.
/// They are counted both ways; how many were which is known when all ways are.
struct Overruns: Hashable, Sendable {
  private(set) var count: UInt64 = 0
  /// Counted as having polled all the time, and as having polled for their window; empty as long as
  /// there are none.
  private var hypotheses: [KernelCounters] = []

  mutating func add(_ switched: Nanoseconds, window: Nanoseconds, block: Nanoseconds) {
    if hypotheses.isEmpty { hypotheses = [KernelCounters(), KernelCounters()] }
    count += 1
    hypotheses[0].addFailedPoll(lasting: min(switched - PollEnds.typicalWay, block), of: block)
    hypotheses[1].addFailedPoll(lasting: min(window + PollEnds.halfTurn, block), of: block)
  }

  mutating func merge(_ other: Self) {
    guard other.count > 0 else { return }
    if hypotheses.isEmpty { hypotheses = [KernelCounters(), KernelCounters()] }
    count.add(other.count)
    for index in hypotheses.indices { hypotheses[index].merge(other.hypotheses[index]) }
  }

  /// Adds them to `counters`.
  ///
  /// A share of them, `slow`, were held up behind the poll: that ended with the window or, a share
  /// `abandoned` of them, after `lasting` ns. The others polled until a `way` through the scheduler
  /// before the switch.
  func put(
    into counters: inout KernelCounters, slow: Double, way: Nanoseconds, abandoned: Double,
    lasting: Double
  ) {
    guard let all = hypotheses.first, let windows = hypotheses.last else { return }
    let whole = windows.failedPollTime
    let short = min(Double(whole.rawValue), lasting * Double(count))
    let least = Double(whole.rawValue) * (1 - abandoned) + short * abandoned
    let ways = Double(way.times(count).rawValue) - Double(PollEnds.typicalWay.times(count).rawValue)
    let most = max(least, Double(all.failedPollTime.rawValue) - ways)
    let time = all.failedPollTime + all.waitTime
    let mixed = least * slow + most * (1 - slow)
    let poll = mixed < Double(time.rawValue) ? Nanoseconds(UInt64(mixed)) : time
    counters.failedPollTime += poll
    counters.waitTime += time - poll
    let likelier = slow < 0.5 ? all : windows
    counters.failedPollHistogram.merge(likelier.failedPollHistogram)
    counters.waitHistogram.merge(likelier.waitHistogram)
  }
}
