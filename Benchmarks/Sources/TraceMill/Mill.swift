import Glibc
import PollTrace

/// A host of vCPUs that halt at random and whose windows KVM moves.
struct Mill {
  private let cpus: Int
  private let mean: Double
  private var random: SplitMix64
  private var vcpus: [VCPU]
  /// Which vCPU wakes next: a binary heap by time.
  private var heap: [Int]

  private struct VCPU {
    var window = PollWindow()
    var cpu: Int
    var block: UInt64 = 0
    var wakes: UInt64 = 0
  }

  init(vcpus: Int, cpus: Int, mean: Double, seed: UInt64) {
    self.cpus = cpus
    self.mean = mean
    random = SplitMix64(state: seed)
    self.vcpus = (0..<vcpus).map { VCPU(cpu: $0 % cpus) }
    heap = Array(0..<vcpus)
    for index in 0..<vcpus { halt(index, at: 1_000_000_000) }
    for place in heap.indices.reversed() { sink(place) }
  }

  /// Lets the vCPUs halt `halts` times, and counts what KVM would count.
  consuming func run(halts: Int, into writer: inout any TraceSink) throws -> Truth {
    let parameters = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
    var truth = Truth()
    for _ in 0..<halts {
      let index = heap[0]
      let (now, block) = (vcpus[index].wakes, vcpus[index].block)
      vcpus[index].window.enter(ceiling: parameters.ceiling, rules: .newest)
      let window = UInt64(vcpus[index].window.length)
      let isPolled = window > 0 && block <= window
      truth.halts += 1
      truth.attempted_polls += window > 0 ? 1 : 0
      truth.successful_polls += isPolled ? 1 : 0
      truth.block_ns_sum += block
      let change = vcpus[index].window.leave(
        after: block, parameters: parameters, rules: .newest)
      let (cpu, thread) = (vcpus[index].cpu, Int32(10_000 + index))
      if case .moved(let move, let old, let new) = change {
        truth.grows += move == .grow ? 1 : 0
        truth.shrinks += move == .shrink ? 1 : 0
        try writer.decision(
          at: now, cpu: cpu, thread: thread, grow: move == .grow, vcpu: UInt32(index), new: new,
          old: old)
      }
      try writer.wakeup(at: now, cpu: cpu, thread: thread, block: block, waited: !isPolled)
      // The scheduler moves a thread now and then.
      if random.next() % 64 == 0 { vcpus[index].cpu = Int(random.next() % UInt64(cpus)) }
      halt(index, at: now)
      sink(0)
    }
    return truth
  }

  /// The vCPU runs for a while and halts; when it will wake is drawn here.
  private mutating func halt(_ index: Int, at now: UInt64) {
    let uniform = Double(random.next() >> 11) * 0x1p-53
    vcpus[index].block = UInt64(-mean * log(1 - uniform))
    vcpus[index].wakes = now + 2_000 + random.next() % 20_000 + vcpus[index].block
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { return }
      if child + 1 < heap.count, vcpus[heap[child + 1]].wakes < vcpus[heap[child]].wakes {
        child += 1
      }
      guard vcpus[heap[child]].wakes < vcpus[heap[place]].wakes else { return }
      heap.swapAt(child, place)
      place = child
    }
  }
}

/// Random numbers from a seed (Steele, Lea and Flood, 2014).
struct SplitMix64 {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
