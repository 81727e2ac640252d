import PollTrace

/// A vCPU whose window KVM moves (6.11, defaults of x86).
struct VCPU {
  let id: Int
  /// The host CPU it is on.
  var cpu: Int
  private var window = PollWindow()

  private static let parameters = PollParameters(
    ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)

  init(id: Int, cpu: Int) {
    self.id = id
    self.cpu = cpu
  }

  var thread: Int32 { Int32(10_000 + id) }

  /// The vCPU halts: how long it polls at most, in ns.
  mutating func halt() -> UInt64 {
    window.enter(ceiling: Self.parameters.ceiling, rules: .newest)
    return UInt64(window.length)
  }

  /// The halt that began with a window of `length` ns ends at `now` after `block` ns: traces and
  /// counts what KVM does.
  mutating func wake(
    at now: UInt64, after block: UInt64, window length: UInt64, isPolled: Bool,
    into writer: inout some TraceSink, _ truth: inout Truth
  ) throws {
    truth.halts += 1
    truth.attempted_polls += length > 0 ? 1 : 0
    truth.successful_polls += isPolled ? 1 : 0
    truth.block_ns_sum += block
    let change = window.leave(after: block, parameters: Self.parameters, rules: .newest)
    if case .moved(let move, let old, let new) = change {
      truth.grows += move == .grow ? 1 : 0
      truth.shrinks += move == .shrink ? 1 : 0
      try writer.decision(
        at: now, cpu: cpu, thread: thread, grow: move == .grow, vcpu: UInt32(id), new: new, old: old
      )
    }
    try writer.wakeup(at: now, cpu: cpu, thread: thread, block: block, waited: !isPolled)
  }
}
