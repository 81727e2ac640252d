/// When events were lost, CPU by CPU.
struct Losses: Sendable {
  /// A time in which a CPU's events were lost.
  private struct Loss: Hashable {
    /// The last event before; nil where this part of the trace has none.
    var after: Timestamp?
    /// The first event that is there again.
    var before: Timestamp
  }
  /// In order of time.
  private var losses: [CPU: [Loss]] = [:]
  /// Each CPU's last event so far.
  private var ends: [CPU: Timestamp] = [:]

  /// Whether nothing was lost.
  var isEmpty: Bool { losses.isEmpty }

  /// Goes on with the next events of a CPU, among which losses are where `hasLosses` says so.
  mutating func take(_ events: Span<Event>, hasLosses: Bool) {
    for position in events.indices where hasLosses {
      guard case .lost = events[position].kind else { continue }
      let cpu = events[position].cpu
      var last = position - 1
      while last >= 0, events[last].cpu != cpu { last -= 1 }
      losses[cpu, default: []].append(
        Loss(after: last >= 0 ? events[last].time : ends[cpu], before: events[position].time))
    }
    if let last = events.indices.last { ends[events[last].cpu] = events[last].time }
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
  func lieAnywhere(between before: Timestamp, and after: Timestamp) -> Bool {
    losses.values.contains { Self.any(of: $0, after: before, until: after) }
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
  mutating func append(_ later: Losses) {
    for (cpu, var losses) in later.losses {
      if !losses.isEmpty, losses[0].after == nil { losses[0].after = ends[cpu] }
      self.losses[cpu, default: []] += losses
    }
    ends.merge(later.ends) { $1 }
  }
}
