/// When events were lost, CPU by CPU.
struct Losses: Sendable {
  /// In order of time.
  private var times: [CPU: [Timestamp]] = [:]

  /// Whether nothing was lost.
  var isEmpty: Bool { times.isEmpty }

  /// Events were lost on `cpu` before `time`; times of a CPU come in order.
  mutating func add(_ time: Timestamp, on cpu: CPU) { times[cpu, default: []].append(time) }

  /// Whether events of a thread may be lost that was on `before.cpu` and then on `after.cpu`.
  func lie(
    between before: (time: Timestamp, cpu: CPU), and after: (time: Timestamp, cpu: CPU)
  ) -> Bool {
    hasAny(on: before.cpu, after: before.time, through: after.time)
      || (after.cpu != before.cpu && hasAny(on: after.cpu, after: before.time, through: after.time))
  }

  private func hasAny(on cpu: CPU, after earlier: Timestamp, through later: Timestamp) -> Bool {
    guard let times = times[cpu] else { return false }
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] <= earlier { low = middle + 1 } else { high = middle }
    }
    return low < times.count && times[low] <= later
  }

  /// Goes on with the losses of a later part of the trace.
  mutating func append(_ later: Losses) { times.merge(later.times, uniquingKeysWith: +) }
}
