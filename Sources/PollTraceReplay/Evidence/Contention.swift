internal import PollTrace

/// Which other tasks wanted a vCPU's CPUs, and what that did to its polls and wake-ups.
///
/// KVM polls while nothing else is runnable (`single_task_running()`, linux kernel/sched/core.c): a
/// task ends a poll when it becomes runnable, and one that is there keeps polls from lasting. A vCPU
/// that is woken meanwhile waits until the task has left, or preempts it.
struct Contention {
  /// A task on a CPU; times on the recording's clock.
  struct Occupant: Hashable {
    /// When it became runnable there, for a poll to end; when it was switched in; when it left.
    var arrived: TimeOffset
    var entered: TimeOffset
    var left: TimeOffset
    /// When another vCPU, which left by halting, was woken next; nil for any other task.
    var wokenNext: TimeOffset?
  }
  /// Of sleepers that may still count.
  struct HeldShare: Hashable, Sendable {
    var share: Double
    /// What it may be as well: 2.8 standard errors and one case around it.
    var range: ClosedRange<Double>
  }
  /// By CPU, in order of time.
  let occupants: [UInt16: [Occupant]]
  /// Whether the scheduler may place tasks otherwise as well: the vCPU was on several CPUs, or tasks were
  /// that had a twentieth or more of the time in which its CPUs were occupied.
  let isFloating: Bool
  /// The share of wake-ups that found the CPU with another task, or of polls that one cut short, whichever
  /// is greater.
  let share: Double
  /// The share of the time in which another task wanted a CPU of the vCPU, by how often it was there.
  let competitorShare: Double
  /// How often a task that went to sleep in front of the waiting vCPU still counts as runnable at the
  /// vCPU's next halt: with DELAY_DEQUEUE (6.12) until it is picked again.
  private(set) var held: (afterShort: HeldShare, afterLong: HeldShare)
  /// The share of wake-ups that found the CPU with a task that then went to sleep.
  let sleeperShare: Double
  /// How often a vCPU that is woken while a task has its CPU preempts it.
  let preemptingShare: Double
  /// The longest that a vCPU waits for a task to leave, but for one wake-up in a hundred, in ns: it
  /// preempts a task that stays longer.
  let longestWait: Int32
  /// Quantiles, in ns: from the waking of a vCPU that preempts to its being seen, and from a switch from
  /// another task to that.
  let preemptingLatencies: [Int32]
  let paths: [Int32]

  /// From the end of a poll by another task to the switch to it, and from the switch of a CPU that is
  /// not idle back to when the task came.
  static let switchTime: Int64 = 1_500
  /// A poll that begins while another task is runnable: a turn of its loop.
  static let turn: Int64 = 150
  /// From a halt behind a poll that a task has cut to the task's first instruction.
  static let cutToSwitch: Int64 = 2_000
  /// How much longer than to a CPU that polls it takes to one that is idle: the exit from idleness.
  private static let idleExit: Int64 = 6_500
  /// From a waking to the switch to the woken task on an idle CPU, where too few show it.
  private static let assumedWakeup: Int64 = 14_000
  /// A task is preempted at the scheduler's next tick at the latest, where nothing else shows it (250 Hz).
  private static let tick: Int64 = 4_000_000
  /// After shorter halts sleepers count less often: 5 to 18 % less than after longer ones, in ns.
  static let shortHalt: Int64 = 50_000
  /// How often a sleeper still counts where too few cases show it: 94 to 99 of 100 did, and 99 where it had
  /// woken the vCPU just before (docs/method.md).
  private static let anyHeld = HeldShare(share: 0.95, range: 0.9...1)
  private static let wakerHeld = HeldShare(share: 0.99, range: 0.97...1)
  /// A share is learned from so many cases.
  fileprivate static let least = 20
  /// A shorter window ends as soon as a poll that is cut at once.
  private static let shortestWindow: Int64 = 8_000
  /// A task behind which a poll lasted for less than this was runnable.
  private static let atOnce: Int64 = 12_000

  /// What `occupancy` of all CPUs, and what other vCPUs do on one, means for the CPUs on which `halts` were.
  init?(
    _ halts: Observation, _ occupancy: [CPU: [Occupancy]],
    others: (UInt16) -> [Occupant] = { _ in [] }
  ) {
    guard halts.isOnClock, !halts.hasNoWakings else { return nil }
    var cpus: [UInt16: Int] = [:]
    var lasting: [UInt16: [TimeOffset]] = [:]
    var returns: [UInt16: [TimeOffset]] = [:]
    var (wakeups, preempting) = ([Int64](), [Int64]())
    var (paths, waits) = ([Int64](), [Int64]())
    var (behindWakers, fromTasks, cut, polls) = (0, 0, 0, 0)
    var (held, behind) = ((short: 0, long: 0), (short: 0, long: 0))
    for stretch in halts.stretches {
      for index in stretch {
        let halt = halts[index]
        cpus[halt.cpu, default: 0] += 1
        polls += halt.window > 0 ? 1 : 0
        cut += halt.pollWasCut ? 1 : 0
        if halt.window > 0, halt.polled >= Self.atOnce {
          lasting[halt.cpu, default: []].append(TimeOffset(halt.began))
        }
        if halt.leftToTask, halt.left >= 0 {
          returns[halt.cpu, default: []].append(TimeOffset(halt.began + halt.left))
        }
        guard halt.hasLatency, let from = halt.enteredFrom else { continue }
        switch from {
        case .idle: wakeups.append(halt.latency - halt.path)
        case .preempted: preempting.append(halt.latency)
        case .sleeper:
          paths.append(halt.path)
          waits.append(max(0, halt.latency - halt.path))
          behindWakers += halt.wokenLocally ? 1 : 0
        }
        fromTasks += from == .idle ? 0 : 1
        guard from == .sleeper, index + 1 < stretch.upperBound else { continue }
        let next = halts[index + 1]
        guard next.window >= Self.shortestWindow, !next.slept || next.left >= 0 else { continue }
        let isHeld = next.pollWasCut && next.left < Self.atOnce
        if halt.block < Self.shortHalt {
          behind.short += 1
          held.short += isHeld ? 1 : 0
        } else {
          behind.long += 1
          held.long += isHeld ? 1 : 0
        }
      }
    }
    let wakeup =
      wakeups.count >= Self.least
      ? Int64(saturating: Quantiles.of(wakeups.sorted(), 0.5)) : Self.assumedWakeup
    let back = max(Self.switchTime, wakeup - Self.idleExit)
    let occupants = Dictionary(
      uniqueKeysWithValues: cpus.keys.map { cpu in
        let tasks = Self.occupants(occupancy[CPU(UInt32(cpu))] ?? [], fromIdle: back)
        return (
          cpu,
          tasks.merged(with: others(cpu))
            .gone(before: lasting[cpu] ?? [], until: returns[cpu] ?? [])
        )
      })
    self.occupants = occupants
    // Times of a damaged trace run backwards.
    let known = halts.stretches.map { stretch in
      let begin = TimeOffset(halts[stretch.lowerBound].began)
      return begin..<max(begin, TimeOffset(halts[stretch.upperBound - 1].woke))
    }
    competitorShare = cpus.reduce(0) { sum, cpu in
      sum + (occupants[cpu.key] ?? []).share(of: known) * Double(cpu.value) / Double(halts.count)
    }
    isFloating =
      Double(halts.count - (cpus.values.max() ?? 0)) > 0.01 * Double(halts.count)
      || Self.floatingShare(of: occupancy, on: cpus.keys.map { CPU(UInt32($0)) }) >= 0.05
    share = max(
      Double(fromTasks) / Double(max(1, fromTasks + wakeups.count)),
      Double(cut) / Double(max(1, polls)))
    let assumed = behindWakers * 2 > waits.count ? Self.wakerHeld : Self.anyHeld
    self.held = (
      HeldShare(held.short, of: behind.short) ?? assumed,
      HeldShare(held.long, of: behind.long) ?? assumed
    )
    sleeperShare = Double(waits.count) / Double(max(1, fromTasks + wakeups.count))
    preemptingShare = fromTasks > 0 ? Double(preempting.count) / Double(fromTasks) : 0
    // Where all preempt, none waits.
    let longest =
      waits.isEmpty
      ? (preempting.isEmpty ? Self.tick : 0) : Int64(saturating: Quantiles.of(waits.sorted(), 0.99))
    longestWait = Int32(clamping: longest)
    preemptingLatencies = Quantiles.table(preempting.isEmpty ? [longest] : preempting)
    self.paths = Quantiles.table(paths.isEmpty ? [Self.switchTime + 2_500] : paths)
  }

  /// The same with other shares of sleepers that still count.
  func assuming(held: (HeldShare) -> Double) -> Contention {
    var other = self
    other.held.afterShort.share = held(self.held.afterShort)
    other.held.afterLong.share = held(self.held.afterLong)
    return other
  }

  /// Of the time in which `cpus` were occupied, the share of tasks that had several CPUs.
  private static func floatingShare(
    of occupancy: [CPU: [Occupancy]], on cpus: [CPU]
  ) -> Double {
    let floating = WakerPlacement.floating(in: occupancy)
    var (all, theirs) = (0.0, 0.0)
    for one in cpus.flatMap({ occupancy[$0] ?? [] }) {
      let length = one.entered.map { Double((one.left - $0).rawValue) } ?? 0
      all += length
      theirs += floating.contains(one.task) ? length : 0
    }
    return all > 0 ? theirs / all : 0
  }

  /// `fromIdle` is how long before its switch a task came that found the CPU idle.
  private static func occupants(
    _ found: [Occupancy], fromIdle: Int64
  ) -> [Occupant] {
    let runs = found.compactMap { one in
      one.entered.map { TimeOffset(one.left - $0).rawValue }
    }
    let run: TimeOffset =
      runs.isEmpty ? 20_000 : TimeOffset(saturating: Quantiles.of(runs.sorted(), 0.5))
    var last = TimeOffset(.min)
    return found.map { one in
      let left = TimeOffset(one.left)
      let entered = one.entered.map { TimeOffset($0) } ?? left - run
      let back = one.wasIdle ? fromIdle : switchTime
      let arrived = max(entered - TimeOffset(back), last)
      last = left
      return Occupant(arrived: min(arrived, left), entered: min(entered, left), left: left)
    }
  }
}

extension Contention.HeldShare {
  /// `held` of `cases`; nil where those are too few.
  fileprivate init?(_ held: Int, of cases: Int) {
    guard cases >= Contention.least else { return nil }
    let (share, cases) = (Double(held) / Double(cases), Double(cases))
    let error = 2.8 * (share * (1 - share) / cases).squareRoot() + 1 / cases
    self.init(share: share, range: max(0, share - error)...min(1, share + error))
  }
}

extension [Contention.Occupant] {
  /// These, in order of time, each gone at the latest when one of `polls` begins, which last.
  ///
  /// Nothing else is runnable then. A task that was preempted may have been moved to another CPU, which no
  /// switch here shows; it is back where the vCPU makes way for a task, which is at `returns`.
  func gone(before polls: [TimeOffset], until returns: [TimeOffset]) -> [Contention.Occupant] {
    var (poll, back) = (0, 0)
    return flatMap { one in
      var (parts, rest) = ([Contention.Occupant](), one)
      while true {
        while poll < polls.count, polls[poll] < rest.entered { poll += 1 }
        guard poll < polls.count, polls[poll] < one.left else { return parts + [rest] }
        rest.left = polls[poll]
        parts.append(rest)
        while back < returns.count, returns[back] <= polls[poll] { back += 1 }
        guard back < returns.count, returns[back] < one.left else { return parts }
        rest = one
        rest.entered = returns[back]
        rest.arrived = returns[back] - TimeOffset(Contention.switchTime)
      }
    }
  }

  /// The share of `times` in which one of these, in order of time, was there.
  func share(of times: [Range<TimeOffset>]) -> Double {
    var (there, all) = (0.0, 0.0)
    for time in times {
      all += Double((time.upperBound - time.lowerBound).rawValue)
      var last = time.lowerBound
      for one in self[indices.firstInOrder(where: { self[$0].left > time.lowerBound })...] {
        guard one.arrived < time.upperBound else { break }
        let begin = Swift.max(one.arrived, last)
        last = Swift.max(last, Swift.min(one.left, time.upperBound))
        there += Swift.max(0, Double((last - begin).rawValue))
      }
    }
    return all > 0 ? there / all : 0
  }
}
