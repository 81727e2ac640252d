extension HaltLog {
  /// Takes in those of `halts`, which are a thread's from `number` on, that `sample` has; nil has all.
  mutating func add(_ halts: Span<WindowedHalt>, from number: UInt64, of sample: HaltSample?) {
    for index in halts.indices { add(halts[index], number &+ UInt64(index), sample) }
  }

  private mutating func add(_ halt: WindowedHalt, _ number: UInt64, _ sample: HaltSample?) {
    guard takes(number, of: sample, isTorn: halt.gap != .none) else { return }
    add(halt)
  }

  /// Takes in a guest CPU's next idle time, the one with this `number`, where `sample` has it; nil has all.
  mutating func add(
    _ limited: LimitedIdle, on cpu: CPU, number: UInt64, of sample: HaltSample?
  ) {
    guard takes(number, of: sample, isTorn: false) else { return }
    entries.append(Entry(limited.idle, limit: limited.limit, cpu: cpu))
  }

  /// Whether `sample` has `number`; breaks off where it does not follow what was taken before, or `isTorn`.
  private mutating func takes(_ number: UInt64, of sample: HaltSample?, isTorn: Bool) -> Bool {
    var isFirst = false
    if let sample {
      guard sample.has(number) else { return false }
      isFirst = number > 0 && !sample.has(number - 1)
    }
    if isFirst || isTorn { breakOff() }
    return true
  }
}
