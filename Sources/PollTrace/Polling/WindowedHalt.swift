/// A halt with all that is known of its poll window: what every figure, picture, export and replay is
/// made of.
package struct WindowedHalt: Hashable, Sendable {
  /// Why a window is not known.
  package enum Unknown: UInt8, Hashable, Sendable {
    /// No decision came since the trace began or since events were lost.
    case undecided
    /// Events were lost right before the halt: its own decision may be among them.
    case eventsLost
    /// The trace does not have the decisions (`kvm_halt_poll_ns`) at all.
    case decisionsNotRecorded
  }

  /// How the kernel's decision compares with its rules.
  package enum Check: Hashable, Sendable {
    /// The window is not known.
    case unchecked
    /// The kernel did what the rules say.
    case agrees
    /// It did something else: the rules say `expected`.
    case contradicts(expected: PollWindow.Change)
    /// A decision was due and none was made: the vCPU was not allowed to poll (`kvm_arch_no_poll`).
    case refused
  }

  /// Whether events are missing between this halt and the one before.
  package enum Gap: UInt8, Hashable, Sendable {
    case none
    /// The trace says so.
    case marked
    /// The windows on both sides do not join.
    case shown
  }

  package var halt: Halt
  /// The window in force, in ns; nil where it is not known.
  package var window: UInt32?
  /// The window after it, in ns; from 6.1 on it may exceed the ceiling until the next halt.
  package var left: UInt32?
  /// The window that the last decision before this one left, in ns; nil where events are missing since.
  package var previous: UInt32?
  /// The rules and parameters in force.
  package var effective: EffectiveParameters
  package var check: Check
  /// Nil where the window is known.
  package var unknown: Unknown?
  package var gap: Gap

  /// A halt whose window is not known.
  package init(
    _ halt: Halt, unknown: Unknown, effective: EffectiveParameters, gap: Gap = .none
  ) {
    self.halt = halt
    self.effective = effective
    self.unknown = unknown
    self.gap = gap
    check = .unchecked
  }

  /// A halt that began with `window` ns and left `left` ns.
  package init(
    _ halt: Halt, window: UInt32, left: UInt32, previous: UInt32? = nil,
    effective: EffectiveParameters, check: Check = .agrees, gap: Gap = .none
  ) {
    self.halt = halt
    self.window = window
    self.left = left
    self.previous = previous
    self.effective = effective
    self.check = check
    self.gap = gap
  }

  /// The window that the next halt begins with, as far as the ceiling stays; nil where not known.
  @inline(__always)
  package var next: UInt32? {
    left.map { effective.rules.growIsCut ? $0 : min($0, effective.parameters.ceiling) }
  }
}

extension WindowedHalt {
  /// How the poll at a halt's begin came out.
  package enum PollEnd: Hashable, Sendable {
    /// The window was closed, or the vCPU was not allowed to poll.
    case notAttempted
    /// The vCPU was woken without having slept.
    case success
    /// The window ran out first.
    case failed
    /// It ended before: another task wanted the CPU (`need_resched()`, `single_task_running()`).
    case abandoned
  }

  /// A wake-up that ended a halt without sleep after a longer time came while the vCPU polled; after
  /// a shorter one it may have been pending already.
  static let longestWithoutPoll: Nanoseconds = 2_000

  /// How its poll came out; nil where that is not known.
  ///
  /// A halt that ended without sleep shows an open window, even where that is not known.
  @inline(__always)
  package var pollEnd: PollEnd? {
    guard let window else {
      return halt.ending == .polled && halt.block > Self.longestWithoutPoll ? .success : nil
    }
    if window == 0 || check == .refused { return .notAttempted }
    if halt.ending == .polled { return .success }
    if case .measured(let switched) = halt.poll, switched < length(window) { return .abandoned }
    return .failed
  }

  /// How long its poll lasted; nil where that is not known.
  ///
  /// Exact for one that succeeded. One that failed counts whole, and one that was abandoned until
  /// the thread was switched out, some µs too long; where no switch was recorded, an abandoned poll
  /// looks like one that failed.
  package var poll: Nanoseconds? {
    guard let end = pollEnd else { return nil }
    switch end {
    case .notAttempted: return .zero
    case .success: return window.map { successfulPoll(in: length($0)) } ?? halt.block
    case .failed: return window.map { min(length($0), halt.block) }
    case .abandoned:
      guard case .measured(let switched) = halt.poll else { return nil }
      return min(switched, halt.block)
    }
  }

  /// How long a successful poll in a window of `length` lasted, as KVM counts it.
  ///
  /// A wake-up between the poll's end and `schedule()` ends the halt a little later than the window,
  /// and KVM counts until the poll's end; one that is much later held up the poll itself.
  @inline(__always)
  func successfulPoll(in length: Nanoseconds) -> Nanoseconds {
    halt.block > length && halt.block - length <= Self.lateWakeup ? length : halt.block
  }

  /// From a poll's end to the last look for a wake-up before `schedule()`, at most.
  private static var lateWakeup: Nanoseconds { 4_000 }

  private func length(_ window: UInt32) -> Nanoseconds { Nanoseconds(UInt64(window)) }
}

/// Halts of one vCPU on their way from its events to what is made of them, in memory that is used again.
struct WindowedBatch: Sendable {
  /// Room, of which the first `count` halts are filled.
  private(set) var room: [WindowedHalt] = []
  private(set) var count = 0

  /// So many halts at a time stay in a CPU's nearest cache.
  static let most = 64

  var isFull: Bool { count >= Self.most }

  /// Makes the next halt in its place; `make` says whether it is to be kept.
  @inline(__always)
  mutating func append(_ make: (inout WindowedHalt) -> Bool) {
    if count == room.count { grow() }
    if make(&room[count]) { count &+= 1 }
  }

  mutating func append(_ halt: WindowedHalt) {
    append {
      $0 = halt
      return true
    }
  }

  private mutating func grow() {
    let none = WindowedHalt(
      .none, unknown: .undecided,
      effective: EffectiveParameters(
        rules: .newest, parameters: PollParameters(ceiling: 0, grow: 0, growStart: 0, shrink: 0)))
    room += repeatElement(none, count: max(Self.most, room.count))
  }

  mutating func removeAll() { count = 0 }
}

/// A halt, and the place of its vCPU among those of the report.
package struct ReportedHalt: Hashable, Sendable {
  package var vcpu: Int
  package var halt: WindowedHalt
  package init(vcpu: Int, halt: WindowedHalt) {
    self.vcpu = vcpu
    self.halt = halt
  }
}
