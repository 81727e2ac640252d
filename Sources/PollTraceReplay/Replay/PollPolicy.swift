internal import PollTrace

/// How long a vCPU polls at each halt.
protocol PollPolicy {
  /// Whether a poll ends when another task wants the CPU.
  static var isEndedByOthers: Bool { get }
  /// Whether halts are counted as the cheaper of polling and sleeping, known afterwards.
  static var actsInHindsight: Bool { get }

  /// The first halt finds a window of `window` ns.
  mutating func open(_ window: UInt32)
  /// A halt begins at `time`, in ns of the recording's clock: the longest that it may poll, in ns.
  mutating func enter(at time: Int64) -> Int64
  /// The halt has ended after `block` ns, of which the vCPU slept `asleep`.
  mutating func leave(after block: Int64, asleep: Int64)
}

/// KVM's halt polling under one set of parameters, or under those of a recording as they changed.
struct KernelPolling: PollPolicy {
  static var isEndedByOthers: Bool { true }
  static var actsInHindsight: Bool { false }
  private var parameters: PollParameters
  private let rules: PollRules
  private var window = PollWindow()
  /// The parameters over time, from the present ones' successor on, and when that comes into force.
  private let settings: PollSettings?
  private var next = 1
  private var changesAt = Int64.max

  init(parameters: PollParameters, rules: PollRules) {
    (self.parameters, self.rules, settings) = (parameters, rules, nil)
  }

  /// The parameters that `settings` give at each moment.
  init(_ settings: PollSettings) {
    self.settings = settings
    rules = settings.rules
    parameters = settings.parameters(at: Timestamp(0))
    wait()
  }

  mutating func open(_ window: UInt32) {
    self.window.length = settings == nil ? min(window, parameters.ceiling) : window
  }

  @inline(__always)
  mutating func enter(at time: Int64) -> Int64 {
    if time >= changesAt { change(to: time) }
    window.enter(ceiling: parameters.ceiling, rules: rules)
    return Int64(window.length)
  }

  @inline(__always)
  mutating func leave(after block: Int64, asleep: Int64) {
    _ = window.leave(after: UInt64(block), parameters: parameters, rules: rules)
  }

  private mutating func wait() {
    guard let settings, next < settings.changes.count else { return changesAt = .max }
    changesAt = TimeOffset(settings.changes[next].since).rawValue
  }

  private mutating func change(to time: Int64) {
    guard let settings else { return }
    parameters = settings.parameters(at: Timestamp(0).moved(by: TimeOffset(time)))
    while next < settings.changes.count,
      TimeOffset(settings.changes[next].since).rawValue <= time
    {
      next += 1
    }
    wait()
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
  mutating func enter(at time: Int64) -> Int64 { policy.enter(at: time) }
  mutating func leave(after block: Int64, asleep: Int64) {
    policy.leave(after: block, asleep: asleep)
  }
}

/// The guest's own polling before it halts (cpuidle-haltpoll), with the host's polling off.
struct GuestHaltPoll: PollPolicy {
  /// The guest does not know what else the host's CPU could do.
  static var isEndedByOthers: Bool { false }
  static var actsInHindsight: Bool { false }
  private let settings: GuestSettings
  private var parameters: GuestPollLimit.Parameters
  /// How much longer than its limit a poll lasts, in ns.
  private let overrun: Int64
  private var limit = GuestPollLimit()

  init(
    _ parameters: GuestPollLimit.Parameters = .init(), _ rules: GuestRules = .newest,
    overrun: Int64 = 0
  ) {
    self.init(GuestSettings(rules: rules, parameters: parameters), overrun: overrun)
  }

  /// The parameters that `settings` give at each moment.
  init(_ settings: GuestSettings, overrun: Int64 = 0) {
    (self.settings, self.overrun) = (settings, overrun)
    parameters = settings.changes[0].parameters
  }

  mutating func open(_ window: UInt32) {
    limit = GuestPollLimit(length: min(window, parameters.most))
  }
  mutating func enter(at time: Int64) -> Int64 {
    if settings.changes.count > 1 {
      parameters = settings.parameters(at: Timestamp(0).moved(by: TimeOffset(time)))
    }
    return limit.length == 0 ? 0 : Int64(limit.length) &+ overrun
  }

  mutating func leave(after block: Int64, asleep: Int64) {
    // A poll that met its event is not reflected on.
    if asleep > 0 { limit.reflect(UInt64(asleep), parameters, settings.rules) }
  }
}
