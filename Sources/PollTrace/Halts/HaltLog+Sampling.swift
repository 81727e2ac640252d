extension HaltLog {
  /// Takes in those of `halts`, which are a thread's from `number` on, that `sample` has; nil has all.
  mutating func add(_ halts: Span<WindowedHalt>, from number: UInt64, of sample: HaltSample?) {
    for index in halts.indices { add(halts[index], number &+ UInt64(index), sample) }
  }

  private mutating func add(_ halt: WindowedHalt, _ number: UInt64, _ sample: HaltSample?) {
    var isFirst = false
    if let sample {
      guard sample.has(number) else { return }
      isFirst = number > 0 && !sample.has(number - 1)
    }
    if isFirst || halt.gap != .none { breakOff() }
    add(halt)
  }
}
