/// vCPUs that halt at random and whose windows KVM moves, as if each had a CPU of its own.
struct Mill {
  private let cpus: Int
  private let mean: Double
  private var random: Randomness
  private var vcpus: [VCPU]
  /// How long each vCPU's halt will last, in ns.
  private var blocks: [UInt64] = []
  /// When each wakes.
  private var agenda: Agenda

  init(vcpus: Int, cpus: Int, mean: Double, seed: UInt64) {
    self.cpus = cpus
    self.mean = mean
    random = Randomness(seed: seed)
    self.vcpus = (0..<vcpus).map { VCPU(id: $0, cpu: $0 % cpus) }
    var times: [UInt64] = []
    for _ in 0..<vcpus {
      let (block, time) = Self.halt(&random, mean, at: 1_000_000_000)
      blocks.append(block)
      times.append(time)
    }
    agenda = Agenda(times)
  }

  /// Lets the vCPUs halt `halts` times, and counts what KVM would count.
  consuming func run(halts: Int, into writer: inout some TraceSink) throws -> Truth {
    var truth = Truth()
    for _ in 0..<halts {
      let (index, now) = agenda.first
      let (window, block) = (vcpus[index].halt(), blocks[index])
      try vcpus[index].wake(
        at: now, after: block, window: window, isPolled: window > 0 && block <= window,
        into: &writer, &truth)
      // The scheduler moves a thread now and then.
      if random.next() % 64 == 0 { vcpus[index].cpu = Int(random.next() % UInt64(cpus)) }
      (blocks[index], agenda[index]) = Self.halt(&random, mean, at: now)
    }
    return truth
  }

  /// The vCPU runs for a while and halts: how long, and when it will wake.
  private static func halt(
    _ random: inout Randomness, _ mean: Double, at now: UInt64
  ) -> (block: UInt64, wakes: UInt64) {
    let block = random.exponential(mean: mean)
    return (block, now + random.next(in: 2_000..<22_000) + block)
  }
}
