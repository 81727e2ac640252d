extension HaltLog {
  /// Takes in those of `halts`, a thread's next ones, that `sample` has.
  mutating func add(_ halts: Span<WindowedHalt>, of sample: HaltSample) {
    for index in halts.indices { add(halts[index], of: sample) }
  }

  private mutating func add(_ halt: WindowedHalt, of sample: HaltSample) {
    guard takes(halt.halt.woke, of: sample, isTorn: halt.gap != .none) else { return }
    add(halt)
  }

  /// Takes in a guest CPU's next idle time where `sample` has it.
  mutating func add(_ limited: LimitedIdle, on cpu: CPU, of sample: HaltSample) {
    guard takes(limited.idle.ended, of: sample, isTorn: false) else { return }
    entries.append(Entry(limited.idle, limit: limited.limit, cpu: cpu))
  }

  /// Whether `sample` has a halt that ended at `time`; breaks off where a span begins, or `isTorn`.
  private mutating func takes(_ time: Timestamp, of sample: HaltSample, isTorn: Bool) -> Bool {
    guard let span = sample.span(of: time) else { return false }
    if span != lastSpan || isTorn { breakOff() }
    lastSpan = span
    return true
  }
}
