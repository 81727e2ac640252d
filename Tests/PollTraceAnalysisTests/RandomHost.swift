import Fixtures
import PollTrace

/// A host with all that makes its windows hard to follow, from a seed: vCPUs that move between CPUs,
/// VMs with ceilings of their own, parameters that change and are seen late, lost events, polls that
/// are refused.
struct RandomHost {
  private(set) var script = TraceScript()
  private(set) var description = TraceDescription(
    path: "random", format: "script", clock: .init(name: "mono", isTime: true), cpus: 3)
  /// The events, less the lost ones.
  private(set) var events: [Event] = []
  /// Spans in which nothing in the trace tells the window of a vCPU.
  private var doubts: [ThreadID: [ClosedRange<Timestamp>]] = [:]
  /// Whether vCPUs were not allowed to poll at times.
  private var hasRefusals = false
  /// Whether all that moves windows is in the trace, and early enough.
  private(set) var isPlain = true

  private static let kernels = [
    "4.19.200", "5.3.0", "5.10.1", "5.16.0", "5.19.1", "6.1.0", "6.18.1",
  ]

  init(seed: UInt64) {
    let halts = seed % 50 == 0 ? 700 : 80
    var random = Randomness(seed: seed)
    let kernel = Self.kernels.randomElement(using: &random) ?? ""
    script.settings = PollSettings(
      rules: PollRules.of(release: kernel) ?? .newest, parameters: Self.parameters(&random))
    // Most beyond the numbers for which there is a table, which takes long to fill in a debug build.
    let first: Int32 = seed % 8 == 0 ? 100 : 1 << 22
    let threads = (0..<Int32.random(in: 1...4, using: &random)).map { first + $0 * 7 }
    addVMs(threads, &random)
    let seen = addChanges(until: 1_000_000 + UInt64(halts) * 300_000, &random)
    addHalts(halts, of: threads, &random)
    events = script.sorted
    for _ in 0..<(UInt8.random(in: 0...2, using: &random)) { lose(&random) }
    describe(kernel, threads, seen)
  }

  private static func parameters(_ random: inout Randomness) -> PollParameters {
    PollParameters(
      ceiling: [50_000, 100_000, 200_000, 1_000_000].randomElement(using: &random) ?? 0,
      grow: UInt32.random(in: 2...4, using: &random),
      growStart: [5_000, 10_000, 20_000].randomElement(using: &random) ?? 0,
      shrink: [0, 2, 3].randomElement(using: &random) ?? 0)
  }

  /// Two vCPUs a VM, of which some have a ceiling of their own.
  private mutating func addVMs(_ threads: [Int32], _ random: inout Randomness) {
    for (place, thread) in threads.enumerated() {
      let ceiling = ([0, 150_000, 400_000] as [UInt32]).randomElement(using: &random) ?? 0
      if place % 2 == 1 {
        script.ownCeilings[ThreadID(thread)] = script.ownCeilings[ThreadID(threads[place - 1])]
      } else if UInt8.random(in: 0...3, using: &random) == 0 {
        script.ownCeilings[ThreadID(thread)] = ceiling
        isPlain = false
      }
      description.vcpus.append(
        .init(
          thread: ThreadID(thread), process: ProcessID(900 + Int32(place / 2)), vm: "vm",
          vcpu: UInt32(place)))
    }
  }

  /// Parameters that change up to twice; gives back when that is seen.
  private mutating func addChanges(
    until end: UInt64, _ random: inout Randomness
  ) -> [RecordedFacts.ParameterChange] {
    var seen = [
      RecordedFacts.ParameterChange(
        since: Timestamp(0), parameters: script.settings.changes[0].parameters)
    ]
    guard UInt8.random(in: 0...2, using: &random) == 0 else { return seen }
    // From 5.8 to 6.0 a running VM keeps the ceiling that it began with.
    let isSampled = script.settings.rules.ceiling == .sampledAtCreation
    for part in 1...UInt64.random(in: 1...2, using: &random) {
      var parameters = Self.parameters(&random)
      if isSampled { parameters.ceiling = script.settings.changes[0].parameters.ceiling }
      let since = Timestamp(end / 4 * part + UInt64.random(in: 0...100_000, using: &random))
      let late = Bool.random(using: &random) ? UInt64.random(in: 0...900_000, using: &random) : 0
      script.settings.changes.append(.init(since: since, parameters: parameters))
      seen.append(
        .init(since: since + Nanoseconds(late), notBefore: since, parameters: parameters))
      if late > 0 { isPlain = false }
    }
    return seen
  }

  private mutating func addHalts(_ count: Int, of threads: [Int32], _ random: inout Randomness) {
    let hasSchedulerEvents = Bool.random(using: &random)
    let mayRefuse = script.settings.rules.refusalKeepsWindow && random.next() % 4 == 0
    var cpus: [Int32: UInt32] = [:]
    var refused: Set<Int32> = []
    for _ in 0..<count {
      // Whose time it is.
      guard let thread = threads.min(by: { script.now(of: $0) < script.now(of: $1) }) else {
        return
      }
      if random.next() % 4 == 0 || cpus[thread] == nil {
        cpus[thread] = UInt32.random(in: 0...2, using: &random)
      }
      if mayRefuse, random.next() % 10 == 0 {
        if refused.remove(thread) == nil { refused.insert(thread) }
      }
      script.mayPoll = !refused.contains(thread)
      if !script.mayPoll { (isPlain, hasRefusals) = (false, true) }
      let most: UInt64 = [8_000, 60_000, 250_000, 1_300_000].randomElement(using: &random) ?? 0
      script.halt(
        thread, on: cpus[thread] ?? 0, busy: UInt64.random(in: 500...20_000, using: &random),
        block: UInt64.random(in: 100...most, using: &random),
        abandonedAfter: random.next() % 10 == 0 ? 300 : nil,
        hasSchedulerEvents: hasSchedulerEvents)
    }
  }

  private mutating func describe(
    _ kernel: String, _ threads: [Int32], _ seen: [RecordedFacts.ParameterChange]
  ) {
    description.decisionsAreRecorded = true
    description.hasSchedulerEvents = events.contains { $0.what == .switched }
    var facts = RecordedFacts()
    facts.kernel = Untrusted(kernel)
    facts.parameters = seen
    description.facts = facts
    for change in seen.dropFirst() {
      guard let since = change.since, let actual = change.notBefore, since > actual else {
        continue
      }
      for thread in threads {
        doubts[ThreadID(thread), default: []].append(
          actual...decision(of: ThreadID(thread), after: since))
      }
    }
  }
}

extension RandomHost {
  /// Whether nothing in the trace tells the window of `halt`, whatever is made of it.
  func isDoubtful(_ halt: WindowedHalt, of vcpu: VCPUReport) -> Bool {
    let thread = vcpu.identity.thread
    if doubts[thread]?.contains(where: { $0.contains(halt.halt.woke) }) ?? false { return true }
    // A vCPU that may not poll and one whose window is closed do the same.
    if hasRefusals, halt.previous == nil, halt.halt.decision == nil { return true }
    // From 6.1 on a window is cut at a ceiling that few decisions may not show.
    return script.ownCeilings[thread].map { $0 != vcpu.ceiling } ?? false
      && !script.settings.rules.growIsCut
  }

  /// Takes some of a CPU's events away.
  private mutating func lose(_ random: inout Randomness) {
    let cpu = CPU(UInt32.random(in: 0...2, using: &random))
    let places = events.indices.filter { events[$0].cpu == cpu }
    guard places.count > 12 else { return }
    let first = Int.random(in: 0..<places.count - 11, using: &random)
    let lost = first..<first + Int.random(in: 1...10, using: &random)
    // What is of one moment is lost as one.
    var (low, high) = (places[lost.lowerBound], places[lost.upperBound])
    while high < events.count, events[high].cpu != cpu || events[high].time == events[high - 1].time
    {
      high += 1
    }
    while low > 0, events[low - 1].time == events[low].time { low -= 1 }
    guard high < events.count, events[high].what != .lost else { return }
    let kept = events
    let gone = Set((low..<high).filter { events[$0].cpu == cpu && events[$0].what != .lost })
    for thread in Set(gone.filter { kept[$0].isVCPU }.map { kept[$0].subject }) {
      doubt(thread, gone, kept, cpu)
    }
    let mark = Event(
      time: events[high].time, cpu: cpu, thread: .idle, kind: .lost(count: nil))
    events[high...].insert(mark, at: high)
    events = events.indices.filter { !gone.contains($0) }.map { events[$0] }
  }

  /// Nothing tells of events that `thread` lost on a CPU between two others.
  private mutating func doubt(
    _ thread: ThreadID, _ gone: Set<Int>, _ kept: [Event], _ cpu: CPU
  ) {
    let own = kept.indices.filter { kept[$0].isVCPU && kept[$0].subject == thread }
    var last: Int?
    var run: Int?
    for place in own {
      if gone.contains(place) {
        run = run ?? place
        continue
      }
      if run != nil, let last, kept[last].cpu != cpu, kept[place].cpu != cpu {
        isPlain = false
        let begin =
          own.last { $0 <= last && kept[$0].what == .decision }.map { kept[$0].time }
          ?? Timestamp(0)
        doubts[thread, default: []].append(begin...decision(of: thread, after: kept[place].time))
      }
      (last, run) = (place, nil)
    }
  }

  /// When `thread` decides next; the end of time where it does not.
  private func decision(of thread: ThreadID, after time: Timestamp) -> Timestamp {
    events.first { $0.what == .decision && $0.subject == thread && $0.time >= time }?.time
      ?? Timestamp(.max)
  }
}

extension Event {
  /// Whether it is a vCPU's own.
  fileprivate var isVCPU: Bool { what == .wakeup || what == .decision }
}
