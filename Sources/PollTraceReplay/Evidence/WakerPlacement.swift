internal import PollTrace

/// Where the scheduler puts a task that wakes while its CPU is busy: there, where it ends a vCPU's poll, or
/// on an idle CPU.
///
/// Counted of tasks that had several CPUs. One that is switched in from a vCPU has come while that CPU was
/// busy and stayed; one that is switched in on an idle CPU while another task or a vCPU has the CPU that it
/// had last has moved. Mainline's `select_idle_sibling()` (linux kernel/sched/fair.c) moves nearly all.
package struct WakerPlacement: Hashable, Sendable {
  package private(set) var moved = 0
  package private(set) var stayed = 0

  /// The share that moved; nil where too few tell.
  package var movedShare: Double? {
    moved + stayed < Self.least ? nil : Double(moved) / Double(moved + stayed)
  }
  private static let least = 50

  /// What `occupancy` shows; `logs` say when vCPUs had a CPU.
  init(_ occupancy: [CPU: [Occupancy]], _ logs: [ThreadID: HaltLog]) {
    let floating = Self.floating(in: occupancy)
    guard !floating.isEmpty else { return }
    let busy = Self.busy(occupancy, logs)
    var entries: [(task: ThreadID, time: Timestamp, cpu: CPU, wasIdle: Bool)] = []
    for (cpu, found) in occupancy {
      for one in found where floating.contains(one.task) {
        guard let entered = one.entered else { continue }
        entries.append((one.task, entered, cpu, one.wasIdle))
      }
    }
    entries.sort { ($0.task.rawValue, $0.time) < ($1.task.rawValue, $1.time) }
    for (before, next) in zip(entries, entries.dropFirst()) where before.task == next.task {
      if before.cpu == next.cpu {
        stayed += next.wasIdle ? 0 : 1
      } else if next.wasIdle, busy[before.cpu]?.contains(next.time) ?? false {
        moved += 1
      }
    }
  }

  /// The tasks that had several CPUs.
  static func floating(in occupancy: [CPU: [Occupancy]]) -> Set<ThreadID> {
    var (seen, floating) = ([ThreadID: CPU](), Set<ThreadID>())
    for (cpu, found) in occupancy {
      for one in found where seen.updateValue(cpu, forKey: one.task) ?? cpu != cpu {
        floating.insert(one.task)
      }
    }
    return floating
  }

  /// Times in which a CPU was not idle, in order of their begin.
  private struct BusySpans {
    var spans: [Range<Timestamp>] = []

    func contains(_ time: Timestamp) -> Bool {
      let behind = spans.indices.firstInOrder(where: { spans[$0].lowerBound > time })
      // The last few that began before: they hardly overlap.
      return spans[..<behind].suffix(4).contains { $0.contains(time) }
    }
  }

  private static func busy(
    _ occupancy: [CPU: [Occupancy]], _ logs: [ThreadID: HaltLog]
  ) -> [CPU: BusySpans] {
    var busy: [CPU: BusySpans] = [:]
    func add(_ begin: Timestamp, _ end: Timestamp, _ cpu: CPU) {
      busy[cpu, default: BusySpans()].spans.append(begin..<max(begin, end))
    }
    for (cpu, found) in occupancy {
      for one in found { one.entered.map { add($0, one.left, cpu) } }
    }
    for (_, log) in logs {
      for stretch in log.stretches {
        for index in stretch.dropLast() {
          let (halt, next) = (log.entries[index], log.entries[index + 1])
          // A poll has the CPU as well.
          let began = next.woke - Nanoseconds(next.block)
          let end = next.slept ? began + Nanoseconds(UInt64(next.left ?? 0)) : next.woke
          add(halt.woke - Nanoseconds(UInt64(halt.shortPath)), end, CPU(UInt32(next.cpu)))
        }
      }
    }
    for cpu in busy.keys { busy[cpu]?.spans.sort { $0.lowerBound < $1.lowerBound } }
    return busy
  }
}
