package import PollTrace

/// Random numbers from a seed (SplitMix64: Steele, Lea and Flood, 2014).
package struct Randomness: RandomNumberGenerator {
  private var state: UInt64
  package init(seed: UInt64) { state = seed }
  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Halts of vCPUs that obey the kernel's newest rules, as the events that tell of them.
package enum InventedHalts {
  /// `halts` halts of each of `vcpus` threads (1000, 1001, …), vCPU n on CPU n, in order of time.
  package static func events(_ halts: Int, vcpus: UInt32 = 2, seed: UInt64 = 1) -> [Event] {
    var random = Randomness(seed: seed)
    let parameters = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
    var events: [Event] = []
    for vcpu in 0..<vcpus {
      var window = PollWindow()
      var now: UInt64 = 5_000_000_000 + UInt64(vcpu) * 1_000
      let (cpu, thread) = (CPU(vcpu), ThreadID(1_000 + Int32(vcpu)))
      func add(_ time: UInt64, by actor: ThreadID, _ kind: Event.Kind) {
        events.append(Event(time: Timestamp(time), cpu: cpu, thread: actor, kind: kind))
      }
      for _ in 0..<halts {
        let block = random.next() % 400_000 + 1_000
        let began = now + 5_000
        window.enter(ceiling: parameters.ceiling, rules: .newest)
        let length = UInt64(window.length)
        let isPolled = block <= length
        if !isPolled {
          add(began + length + 2_000, by: thread, .switched(next: .idle, stillRunnable: false))
          add(
            began + block - 900 + length + 2_000, by: .idle,
            .waking(woken: thread, target: cpu, context: .interrupt))
        }
        now = began + block + (isPolled ? 0 : length + 2_000)
        let change = window.leave(
          after: now - began, parameters: parameters, rules: .newest)
        if case .moved(let move, let old, let new) = change {
          add(now - 100, by: thread, .decision(Decision(move, vcpu: vcpu, old: old, new: new)))
        }
        add(
          now, by: thread,
          .wakeup(
            block: Nanoseconds(now - began), ending: isPolled ? .polled : .slept, isValid: true))
      }
    }
    return events.sorted { $0.time < $1.time }
  }
}
