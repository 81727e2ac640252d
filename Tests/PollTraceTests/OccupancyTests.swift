import Testing

@testable import PollTrace

@Suite struct `Other tasks on a CPU` {
  private static let vcpu = ThreadID(7)
  private static let task = ThreadID(8)

  /// What the switches of CPU 0, (time, from, to, whether the first is runnable still), show.
  private func occupancy(
    _ switches: [(UInt64, ThreadID, ThreadID, Bool)],
    most: Int = 100, end: UInt64 = 1_000, losing lossBefore: Int? = nil
  ) -> (found: [Occupancy], hasIdleSwitches: Bool) {
    var tracker = OccupancyTracker(vcpus: [Self.vcpu], most: most)
    for (index, (time, from, to, isRunnable)) in switches.enumerated() {
      let loss = Event(
        time: Timestamp(time), cpu: CPU(0), thread: .idle, kind: .lost(count: nil))
      let events =
        (index == lossBefore ? [loss] : []) + [
          Event(
            time: Timestamp(time), cpu: CPU(0), thread: from,
            kind: .switched(next: to, stillRunnable: isRunnable))
        ]
      tracker.add(events.span)
    }
    tracker.finish(at: Timestamp(end))
    return (tracker.found[CPU(0)] ?? [], tracker.hasIdleSwitches)
  }

  @Test func `have it from a switch to one of them to the next switch to idle or a vCPU`() {
    let (found, hasIdleSwitches) = occupancy([
      (10, .idle, Self.task, false), (30, Self.task, .idle, false),
      (50, Self.vcpu, ThreadID(9), false), (90, Self.task, Self.vcpu, false),
    ])
    #expect(
      found == [
        Occupancy(entered: Timestamp(10), left: Timestamp(30), wasIdle: true, task: Self.task),
        Occupancy(entered: Timestamp(50), left: Timestamp(90), wasIdle: false, task: ThreadID(9)),
      ])
    #expect(hasIdleSwitches)
  }

  @Test func `stay runnable where a vCPU preempts them`() {
    let (found, _) = occupancy([
      (10, Self.vcpu, Self.task, false), (20, Self.task, Self.vcpu, true),
      (40, Self.vcpu, Self.task, false), (60, Self.task, .idle, false),
    ])
    #expect(
      found == [
        Occupancy(entered: Timestamp(10), left: Timestamp(60), wasIdle: false, task: Self.task)
      ])
  }

  @Test func `are gone where the vCPU leaves the CPU idle`() {
    let (found, _) = occupancy([
      (10, Self.vcpu, Self.task, false), (20, Self.task, Self.vcpu, true),
      (40, Self.vcpu, .idle, false),
    ])
    #expect(
      found == [
        Occupancy(entered: Timestamp(10), left: Timestamp(40), wasIdle: false, task: Self.task)
      ])
  }

  @Test func `began at no known time where the switch to them is not there`() {
    let (found, _) = occupancy([(30, Self.task, .idle, false)])
    #expect(
      found == [Occupancy(entered: nil, left: Timestamp(30), wasIdle: false, task: Self.task)])
  }

  @Test func `are there from the first switch on where a vCPU preempts them at it`() {
    // A task that never sleeps, and was there before the recording.
    let (found, _) = occupancy([
      (20, Self.task, Self.vcpu, true), (40, Self.vcpu, Self.task, false),
      (50, Self.task, Self.vcpu, true), (900, Self.vcpu, Self.task, false),
    ])
    #expect(
      found == [
        Occupancy(entered: Timestamp(20), left: Timestamp(1_000), wasIdle: false, task: Self.task)
      ])
  }

  @Test func `are counted only in the time that is asked for`() {
    var tracker = OccupancyTracker(
      vcpus: [Self.vcpu], most: 2, in: Timestamp(100)..<Timestamp(200))
    for begin in stride(from: 10, to: 400, by: 40) as StrideTo<UInt64> {
      let events = [
        Event(
          time: Timestamp(begin), cpu: CPU(0), thread: .idle,
          kind: .switched(next: Self.task, stillRunnable: false)),
        Event(
          time: Timestamp(begin + 15), cpu: CPU(0), thread: Self.task,
          kind: .switched(next: .idle, stillRunnable: false)),
      ]
      tracker.add(events.span)
    }
    // Those that begin at 90, 130 and 170: one more than are kept, from the end of the third on.
    #expect(tracker.isTooMuch)
    #expect(tracker.found == [:])
    #expect(tracker.tooMuchFrom == Timestamp(185))
  }

  @Test func `are not known behind a loss until the next switch`() {
    let (found, _) = occupancy(
      [(10, .idle, Self.task, false), (30, .idle, Self.vcpu, false)], losing: 1)
    #expect(found == [])
  }

  @Test func `are known again behind a loss, in the same batch of events`() {
    var tracker = OccupancyTracker(vcpus: [Self.vcpu], most: 100)
    func event(_ time: UInt64, _ thread: ThreadID, _ kind: Event.Kind) -> Event {
      Event(time: Timestamp(time), cpu: CPU(0), thread: thread, kind: kind)
    }
    let events = [
      event(10, .idle, .switched(next: Self.task, stillRunnable: false)),
      event(20, .idle, .lost(count: 3)),
      event(50, .idle, .switched(next: Self.task, stillRunnable: false)),
      event(60, Self.task, .switched(next: .idle, stillRunnable: false)),
      event(70, .idle, .switched(next: Self.task, stillRunnable: false)),
    ]
    tracker.add(events.span)
    tracker.finish(at: Timestamp(90))
    #expect(
      tracker.found[CPU(0)] == [
        Occupancy(entered: Timestamp(50), left: Timestamp(60), wasIdle: true, task: Self.task),
        Occupancy(entered: Timestamp(70), left: Timestamp(90), wasIdle: true, task: Self.task),
      ])
  }

  @Test func `have it until the trace's end`() {
    let (found, hasIdleSwitches) = occupancy([(10, Self.vcpu, Self.task, false)])
    #expect(
      found == [
        Occupancy(entered: Timestamp(10), left: Timestamp(1_000), wasIdle: false, task: Self.task)
      ])
    #expect(!hasIdleSwitches)
  }

  @Test func `are not known where there are more than are kept`() {
    let switches: [(UInt64, ThreadID, ThreadID, Bool)] = (1...6).flatMap { index in
      [
        (UInt64(index) * 20, .idle, Self.task, false),
        (UInt64(index) * 20 + 5, Self.task, .idle, false),
      ]
    }
    #expect(occupancy(switches, most: 6).found.count == 6)
    let (found, _) = occupancy(switches, most: 5)
    #expect(found == [])
  }

  @Test func `show how a vCPU got its CPU back`() {
    var grouper = ThreadGrouper(hasSwitchesIn: true)
    var scope = TrackScope(settings: Followed.settings)
    scope.keeps.halts = true
    var shard = ThreadShard(number: ThreadShard.number(of: Self.vcpu), scope: scope)
    let halts: [(from: ThreadID, isRunnable: Bool, entry: Halt.Entry.From)] = [
      (.idle, false, .idle), (Self.task, false, .sleeper), (Self.task, true, .preempted),
    ]
    var events: [Event] = []
    for (index, halt) in halts.enumerated() {
      let woke = UInt64(index + 1) * 100_000
      func add(_ time: UInt64, _ cpu: UInt32, _ thread: ThreadID, _ kind: Event.Kind) {
        events.append(
          Event(time: Timestamp(time), cpu: CPU(cpu), thread: thread, kind: kind))
      }
      add(woke - 50_000, 0, Self.vcpu, .switched(next: halt.from, stillRunnable: false))
      // It runs and blocks again: the last switch counts.
      add(woke - 20_000, 0, .idle, .switched(next: Self.vcpu, stillRunnable: false))
      add(woke - 19_000, 0, Self.vcpu, .switched(next: .idle, stillRunnable: false))
      add(woke - 3_000, 1, halt.from, .switched(next: Self.vcpu, stillRunnable: halt.isRunnable))
      add(woke, 1, Self.vcpu, .wakeup(block: 60_000, ending: .slept, isValid: true))
    }
    shard.take([grouper.group(events.span)], Losses())
    shard.finish(at: Timestamp(1_000_000), Losses())
    var found: [Halt] = []
    shard.drain { found += $1.map(\.halt) }
    #expect(
      found.map(\.entry) == halts.map { Halt.Entry(from: $0.entry, path: 3_000) })
    #expect(found.map(\.leftCPU) == [CPU(0), CPU(0), CPU(0)])
    #expect(found.map(\.poll) == Array(repeating: .measured(10_000), count: 3))
  }
}
