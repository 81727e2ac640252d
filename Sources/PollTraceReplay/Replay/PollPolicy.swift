internal import PollTrace

/// How long a vCPU polls at each halt.
protocol PollPolicy {
  /// Whether a poll ends when another task wants the CPU.
  static var isEndedByOthers: Bool { get }
  /// Whether halts are counted as the cheaper of polling and sleeping, known afterwards.
  static var actsInHindsight: Bool { get }

  /// A recording begins, with a window of `window` ns.
  mutating func open(_ window: UInt32)
  /// A halt begins: the longest that it may poll, in ns.
  mutating func enter() -> Int64
  /// The halt has ended after `block` ns.
  mutating func leave(after block: Int64)
}

/// KVM's halt polling under one set of parameters.
struct KernelPolling: PollPolicy {
  static var isEndedByOthers: Bool { true }
  static var actsInHindsight: Bool { false }
  let parameters: PollParameters
  let rules: PollRules
  private var window = PollWindow()

  init(parameters: PollParameters, rules: PollRules) {
    (self.parameters, self.rules) = (parameters, rules)
  }

  mutating func open(_ window: UInt32) {
    self.window.length = min(window, parameters.ceiling)
  }

  @inline(__always)
  mutating func enter() -> Int64 {
    window.enter(ceiling: parameters.ceiling, rules: rules)
    return Int64(window.length)
  }

  @inline(__always)
  mutating func leave(after block: Int64) {
    _ = window.leave(after: UInt64(block), parameters: parameters, rules: rules)
  }
}

/// Halts as `Policy` places them in time, each counted as the cheaper of polling and sleeping.
///
/// The bound that no policy of polling beats on the same halts, the offline optimum of ski rental
/// (Karlin, Li, Manasse and Owicki, "Empirical studies of competitive spinning for a shared-memory
/// multiprocessor", SOSP 1991).
struct Hindsight<Policy: PollPolicy>: PollPolicy {
  static var isEndedByOthers: Bool { Policy.isEndedByOthers }
  static var actsInHindsight: Bool { true }
  var policy: Policy

  init(_ policy: Policy) { self.policy = policy }
  mutating func open(_ window: UInt32) { policy.open(window) }
  mutating func enter() -> Int64 { policy.enter() }
  mutating func leave(after block: Int64) { policy.leave(after: block) }
}

/// The guest's own polling before it halts (cpuidle-haltpoll), with the host's polling off.
///
/// `adjust_poll_limit()` of linux drivers/cpuidle/governors/haltpoll.c (5.4 and later).
struct GuestHaltPoll: PollPolicy {
  /// The governor's module parameters, lengths in ns.
  struct Parameters: Hashable {
    var most: UInt32 = 200_000
    var shrink: UInt32 = 2
    var grow: UInt32 = 2
    var growStart: UInt32 = 50_000
    var allowsShrink = true
  }
  /// The guest does not know what else the host's CPU could do.
  static var isEndedByOthers: Bool { false }
  static var actsInHindsight: Bool { false }
  let parameters: Parameters
  private var limit: UInt32 = 0

  init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  mutating func open(_ window: UInt32) { limit = 0 }
  mutating func enter() -> Int64 { Int64(limit) }

  mutating func leave(after block: Int64) {
    if block > Int64(limit), block <= Int64(parameters.most) {
      limit = min(max(limit &* parameters.grow, parameters.growStart), parameters.most)
    } else if block > Int64(parameters.most), parameters.allowsShrink {
      limit = parameters.shrink == 0 ? 0 : limit / parameters.shrink
    }
  }
}
