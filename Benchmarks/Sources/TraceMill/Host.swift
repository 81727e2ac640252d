/// A host whose CPUs run vCPUs, one at a time each: their halts with what the scheduler does.
///
/// A vCPU that is woken goes on where its CPU is idle, and waits for it otherwise; a poll is given up
/// when somebody waits for the CPU (`kvm_vcpu_can_poll()`, linux virt/kvm/kvm_main.c).
struct Host {
  private let mean: Double
  private var random: Randomness
  private var vcpus: [Runner]
  private var cpus: [Processor]
  /// When each vCPU reaches the end of its stage.
  private var agenda: Agenda

  /// When the trace begins, in ns.
  private static let begin: UInt64 = 1_000_000_000

  /// A vCPU and how far it has come.
  private struct Runner {
    /// What it does until the agenda's time.
    enum Stage { case runs, polls, leaves, sleeps, waits, enters, returns }
    var vcpu: VCPU
    let thread: HostThread
    var stage = Stage.runs
    /// Of the halt, in ns: its window, when it began, left the CPU, and got its wake event.
    var window: UInt64 = 0
    var began = Host.begin
    var left = Host.begin
    var arrival = Host.begin
  }

  /// A host CPU.
  private struct Processor {
    /// What runs where no vCPU does: the idle task or another thread.
    var other: HostThread
    /// The vCPU that has it, from entering it until leaving it.
    var holder: Int?
    /// vCPUs that wait for it, the first one first.
    var queue: [Int] = []
  }

  init(vcpus: Int, cpus: Int, mean: Double, seed: UInt64) {
    self.mean = mean
    random = Randomness(seed: seed)
    self.cpus = (0..<cpus).map { Processor(other: .idle(cpu: $0)) }
    self.vcpus = (0..<vcpus).map { id in
      let vcpu = VCPU(id: id, cpu: id % cpus)
      return Runner(vcpu: vcpu, thread: HostThread(id: vcpu.thread, name: "CPU \(id)/KVM"))
    }
    agenda = Agenda(Array(repeating: .max, count: vcpus))
    // All have halted, and will be woken one after the other.
    for index in 0..<vcpus {
      self.vcpus[index].arrival += 1_000 * UInt64(index + 1)
      go(index, .sleeps, until: self.vcpus[index].arrival)
    }
  }

  /// Lets the vCPUs halt `halts` times, and counts what KVM would count.
  consuming func run(halts: Int, into writer: inout some SchedulerSink) throws -> Truth {
    var truth = Truth()
    while truth.halts < halts {
      let (index, now) = agenda.first
      switch vcpus[index].stage {
      case .runs: halt(index, at: now)
      case .polls where now == vcpus[index].arrival:
        try wake(index, at: now, isPolled: true, into: &writer, &truth)
      case .polls: go(index, .leaves, until: now + wayOut())
      case .leaves: try leave(index, at: now, into: &writer, &truth)
      case .sleeps: try beWoken(index, at: now, into: &writer, &truth)
      case .enters:
        let cpu = vcpus[index].vcpu.cpu
        try enter(index, from: cpus[cpu].other, isAsleep: false, at: now, into: &writer, &truth)
      case .returns: try wake(index, at: now, isPolled: false, into: &writer, &truth)
      case .waits: preconditionFailure("who waits for a CPU has nothing planned")
      }
    }
    return truth
  }

  private mutating func go(_ index: Int, _ stage: Runner.Stage, until time: UInt64) {
    vcpus[index].stage = stage
    agenda[index] = time
  }

  /// From a poll's end to the switch, in ns.
  private mutating func wayOut() -> UInt64 { random.next(in: 1_000..<3_000) }

  /// The guest halts: it polls, unless its window is closed or somebody waits for the CPU.
  private mutating func halt(_ index: Int, at now: UInt64) {
    let window = vcpus[index].vcpu.halt()
    vcpus[index].window = window
    vcpus[index].began = now
    vcpus[index].arrival = now + random.exponential(mean: mean)
    if window > 0, cpus[vcpus[index].vcpu.cpu].queue.isEmpty {
      go(index, .polls, until: min(vcpus[index].arrival, now + window))
    } else {
      go(index, .leaves, until: now + wayOut())
    }
  }

  /// The vCPU gives its CPU away: to who waits for it, else mostly to the idle task.
  private mutating func leave(
    _ index: Int, at now: UInt64, into writer: inout some SchedulerSink, _ truth: inout Truth
  ) throws {
    let (cpu, thread) = (vcpus[index].vcpu.cpu, vcpus[index].thread)
    vcpus[index].left = now
    vcpus[index].arrival = max(vcpus[index].arrival, now + 500)
    go(index, .sleeps, until: vcpus[index].arrival)
    if cpus[cpu].queue.isEmpty {
      cpus[cpu].holder = nil
      cpus[cpu].other = random.next() % 16 == 0 ? .device(cpu: cpu) : .idle(cpu: cpu)
      try writer.switched(at: now, cpu: cpu, from: thread, isAsleep: true, to: cpus[cpu].other)
      truth.scheduler_events += 1
    } else {
      let next = cpus[cpu].queue.removeFirst()
      cpus[cpu].holder = next
      try enter(next, from: thread, isAsleep: true, at: now, into: &writer, &truth)
    }
  }

  /// The wake event comes, on any CPU: the vCPU goes on where its CPU or another one is idle.
  private mutating func beWoken(
    _ index: Int, at now: UInt64, into writer: inout some SchedulerSink, _ truth: inout Truth
  ) throws {
    let source = anyCPU()
    var waker = cpus[source].other
    var isInterrupt = random.next() % 2 == 0
    switch cpus[source].holder.map({ vcpus[$0] }) {
    case let holder? where holder.stage != .enters:
      waker = holder.thread
      if holder.stage != .runs { isInterrupt = true }
    case _ where !isInterrupt:
      waker = .device(cpu: source)
      cpus[source].other = waker
    default: break
    }
    var cpu = vcpus[index].vcpu.cpu
    try writer.waking(
      at: now, cpu: source, by: waker, isInterrupt: isInterrupt, woken: vcpus[index].thread,
      target: cpu)
    truth.scheduler_events += 1
    // The scheduler moves a thread where its CPU is busy, and now and then otherwise.
    if cpus[cpu].holder != nil || random.next() % 64 == 0 {
      let other = anyCPU()
      if cpus[other].holder == nil { cpu = other }
    }
    vcpus[index].vcpu.cpu = cpu
    if let holder = cpus[cpu].holder {
      cpus[cpu].queue.append(index)
      go(index, .waits, until: .max)
      if vcpus[holder].stage == .polls { go(holder, .leaves, until: now + 100 + wayOut()) }
    } else {
      cpus[cpu].holder = index
      go(index, .enters, until: now + random.next(in: 1_000..<3_000))
    }
  }

  private mutating func anyCPU() -> Int { Int(random.next() % UInt64(cpus.count)) }

  /// The vCPU gets its CPU from `previous`.
  private mutating func enter(
    _ index: Int, from previous: HostThread, isAsleep: Bool, at now: UInt64,
    into writer: inout some SchedulerSink, _ truth: inout Truth
  ) throws {
    try writer.switched(
      at: now, cpu: vcpus[index].vcpu.cpu, from: previous, isAsleep: isAsleep,
      to: vcpus[index].thread)
    truth.scheduler_events += 1
    go(index, .returns, until: now + random.next(in: 1_000..<3_000))
  }

  /// The halt ends, and the guest runs for a while.
  private mutating func wake(
    _ index: Int, at now: UInt64, isPolled: Bool, into writer: inout some SchedulerSink,
    _ truth: inout Truth
  ) throws {
    let (began, window) = (vcpus[index].began, vcpus[index].window)
    if !isPolled {
      truth.abandoned_polls += vcpus[index].left < began + window ? 1 : 0
      truth.wake_latency_ns_sum += now - vcpus[index].arrival
    }
    try vcpus[index].vcpu.wake(
      at: now, after: now - began, window: window, isPolled: isPolled, into: &writer, &truth)
    go(index, .runs, until: now + random.next(in: 2_000..<22_000))
  }
}
