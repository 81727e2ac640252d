/// When events were lost, CPU by CPU.
package struct Losses: Hashable, Sendable {
  /// A time in which a CPU's events were lost.
  private struct Loss: Hashable {
    /// The last event before; nil where none was taken in with it: long before, then.
    var after: Timestamp?
    /// The first event that is there again.
    var before: Timestamp
  }
  /// In order of time.
  private var losses: [CPU: [Loss]] = [:]

  package init() {}

  /// Whether nothing was lost.
  var isEmpty: Bool { losses.isEmpty }

  /// Notes that events of `cpu` were lost after one moment (nil: long before) and before another;
  /// those of a CPU come in order.
  package mutating func add(on cpu: CPU, after: Timestamp?, before: Timestamp) {
    losses[cpu, default: []].append(Loss(after: after, before: before))
  }

  /// Notes the loss that `events` tell of at `position`; each CPU's events are in order of time.
  mutating func add(_ position: Int, of events: Span<Event>) {
    let cpu = events[position].cpu
    var last = position - 1
    while last >= 0, events[last].cpu != cpu { last -= 1 }
    add(on: cpu, after: last >= 0 ? events[last].time : nil, before: events[position].time)
  }

  /// Whether events of a thread may be lost that was on `before.cpu` and then on `after.cpu`.
  func lie(
    between before: (time: Timestamp, cpu: CPU), and after: (time: Timestamp, cpu: CPU)
  ) -> Bool {
    [before.cpu, after.cpu].contains { cpu in
      Self.any(of: losses[cpu] ?? [], after: before.time, until: after.time)
    }
  }

  /// Whether events of a thread may be lost that went to any CPU and came back in between.
  func lieAnywhere(between before: Timestamp?, and after: Timestamp) -> Bool {
    guard let before else { return false }
    return losses.values.contains { Self.any(of: $0, after: before, until: after) }
  }

  /// Whether a thread that was first seen at `first` may have been on that CPU when it lost events.
  func precede(_ first: (time: Timestamp, cpu: CPU)) -> Bool {
    losses[first.cpu]?.first.map { $0.before <= first.time } ?? false
  }

  /// The same of one that was last seen at `last`.
  func follow(_ last: (time: Timestamp, cpu: CPU)) -> Bool {
    losses[last.cpu]?.last.map { $0.before > last.time } ?? false
  }

  /// Whether any of the losses reaches into the time between two events of a thread.
  private static func any(
    of losses: [Loss], after earlier: Timestamp, until later: Timestamp
  ) -> Bool {
    var (low, high) = (0, losses.count)
    while low < high {
      let middle = (low + high) / 2
      if losses[middle].before <= earlier { low = middle + 1 } else { high = middle }
    }
    return low < losses.count && losses[low].after.map { $0 < later } ?? true
  }

  /// Goes on with the losses of a later part of the trace.
  mutating func append(_ later: Losses) { losses.merge(later.losses, uniquingKeysWith: +) }
}
