/// When events were lost, CPU by CPU.
package struct Losses: Hashable, Sendable {
  /// A time in which a CPU's events were lost.
  package struct Loss: Hashable, Sendable {
    /// The last event before; nil where there is none.
    package var after: Timestamp?
    /// The first event that is there again.
    package var before: Timestamp
    package init(after: Timestamp?, before: Timestamp) {
      self.after = after
      self.before = before
    }
  }
  /// In order of time.
  private var losses: [CPU: [Loss]] = [:]
  /// Behind it nothing was lost.
  private var end = Timestamp(0)

  package init() {}

  /// Whether nothing was lost.
  package var isEmpty: Bool { losses.isEmpty }

  /// Notes that events of `cpu` were lost; those of a CPU come in order.
  package mutating func add(_ loss: Loss, on cpu: CPU) {
    losses[cpu, default: []].append(loss)
    end = max(end, loss.before)
  }

  /// Joins the oldest losses of CPUs that have more than `most`: what lies between them counts as lost.
  package mutating func join(beyond most: Int) {
    for (cpu, all) in losses where all.count > most {
      let kept = all.suffix(max(1, most / 2))
      guard let first = all.first, let last = all.dropLast(kept.count).last else { continue }
      losses[cpu] = [Loss(after: first.after, before: last.before)] + kept
    }
  }

  /// Whether events of a thread may be lost that was on `before.cpu` and then on `after.cpu`.
  func lie(
    between before: (time: Timestamp, cpu: CPU), and after: (time: Timestamp, cpu: CPU)
  ) -> Bool {
    guard before.time < end else { return false }
    return isLoss(on: before.cpu, after: before.time, until: after.time)
      || (before.cpu != after.cpu && isLoss(on: after.cpu, after: before.time, until: after.time))
  }

  /// Whether a thread that was first seen at `first` may have been on that CPU when it lost events.
  func precede(_ first: (time: Timestamp, cpu: CPU)) -> Bool {
    losses[first.cpu]?.first.map { $0.before <= first.time } ?? false
  }

  /// The same of one that was last seen at `last`.
  func follow(_ last: (time: Timestamp, cpu: CPU)) -> Bool {
    losses[last.cpu]?.last.map { $0.before > last.time } ?? false
  }

  /// Whether any of a CPU's losses reaches into the time between two events of a thread.
  private func isLoss(on cpu: CPU, after earlier: Timestamp, until later: Timestamp) -> Bool {
    guard let losses = losses[cpu] else { return false }
    let next = losses.indices.firstInOrder(where: { losses[$0].before > earlier })
    return next < losses.count && losses[next].after.map { $0 < later } ?? true
  }
}
