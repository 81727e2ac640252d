internal import PollTrace

/// When the vCPUs of a trace ran, CPU by CPU: to each other they are tasks that want the CPU.
///
/// A vCPU wants its CPU from its wake event until its next halt begins. While it polls it makes room for
/// any other at once, so that its own polls do not matter to others.
struct VCPURuns: Sendable {
  private struct Run {
    var thread: ThreadID
    var occupant: Contention.Occupant
  }
  /// Of CPUs that several vCPUs had, in order of arrival.
  private var runs: [UInt16: [Run]] = [:]

  /// From the waking of a vCPU to the end of a poll on its CPU: its switch takes 8 µs, and the way to the
  /// switch 1.5 µs of it.
  static let wakingToPollEnd: Int64 = 6_500

  /// Those of `logs`, which have the halts of their threads in the same times.
  init(_ logs: [ThreadID: HaltLog]) {
    var owners: [UInt16: Set<ThreadID>] = [:]
    for (thread, log) in logs {
      for entry in log.entries where entry.slept { owners[entry.cpu, default: []].insert(thread) }
    }
    let shared = Set(owners.lazy.filter { $0.value.count > 1 }.map(\.key))
    guard !shared.isEmpty else { return }
    for (thread, log) in logs {
      for stretch in log.stretches {
        for index in stretch.dropLast() where shared.contains(log.entries[index + 1].cpu) {
          let next = log.entries[index + 1]
          runs[next.cpu, default: []].append(
            Run(thread: thread, occupant: .init(log.entries[index], until: next)))
        }
      }
    }
    for cpu in runs.keys {
      runs[cpu]?.sort {
        ($0.occupant.arrived, $0.thread.rawValue) < ($1.occupant.arrived, $1.thread.rawValue)
      }
    }
  }

  /// Those on `cpu` of other vCPUs than `thread`, in order of arrival.
  func others(than thread: ThreadID, on cpu: UInt16) -> [Contention.Occupant] {
    (runs[cpu] ?? []).lazy.filter { $0.thread != thread }.map(\.occupant)
  }
}

extension Contention.Occupant {
  /// A vCPU from the end of `halt` until it halts `next`.
  fileprivate init(_ halt: HaltLog.Entry, until next: HaltLog.Entry) {
    let woke = TimeOffset(halt.woke)
    let left = max(woke, TimeOffset(next.woke - Nanoseconds(next.block)))
    let wokenNext = TimeOffset(next.woke) - TimeOffset(Int64(next.latency ?? 0))
    guard halt.slept else {
      self.init(arrived: woke, entered: woke, left: left, wokenNext: wokenNext)
      return
    }
    let entered = woke - TimeOffset(Int64(halt.shortPath))
    let waking = halt.latency.map {
      woke - TimeOffset(Int64($0)) + TimeOffset(VCPURuns.wakingToPollEnd)
    }
    self.init(
      arrived: min(entered - TimeOffset(Contention.switchTime), waking ?? entered),
      entered: entered,
      left: left,
      wokenNext: wokenNext)
  }
}

extension [Contention.Occupant] {
  /// These, in order of time, and `others`, in order of arrival: each leaves behind the one before it, and one
  /// that another outlasts says nothing that this one does not.
  func merged(with others: [Contention.Occupant]) -> [Contention.Occupant] {
    guard !others.isEmpty else { return self }
    let all = (self + others).sorted { ($0.arrived, $0.left) < ($1.arrived, $1.left) }
    return all.reduce(into: []) { merged, one in
      if merged.last.map({ $0.left < one.left }) ?? true { merged.append(one) }
    }
  }
}
