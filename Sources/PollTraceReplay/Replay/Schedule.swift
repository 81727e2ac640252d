internal import CReplay

/// The wake events of one vCPU, each with all that chance decides of it: what a replay runs over.
///
/// Ranks, hidden events and polls cut short are drawn before any setting is tried, so that all settings meet
/// the same events, and a replay itself is without chance.
struct Schedule {
  /// One wake event, as the loop in C reads it (CReplay/include/schedule.h).
  typealias Arrival = WakeEvent
  /// A task that wants the CPU around a wake event, the same.
  typealias Rival = CReplay.Rival
  /// A stretch of the recording without losses.
  struct Stretch {
    var arrivals: Range<Int>
    var begin: Int64
    var end: Int64
    /// Whether a task that went to sleep before still counts as runnable at the first halt: what preceded it
    /// is not known.
    var holdsSleeper = false
  }

  var source: WakeSource.Kind
  /// Whether an event that comes while the guest runs costs it another busy time.
  var servesWhileBusy: Bool
  var arrivals: [Arrival]
  /// Those of all arrivals, for each in order of time; nil where the recording does not show them.
  var rivals: [Rival]?
  var stretches: [Stretch]
  /// The blocks of the recording's time, which outcomes are counted in.
  var blocks: TimeBlocks
  /// The window that the first halt found, in ns; later stretches begin with what the one before left.
  var window: UInt32
  /// Latencies, `Latencies.rows` times 64.
  var latencies: [Int32]
  var hasShallowRow: Bool
  /// How late in the busy time an event still ends the next halt at once, in ns.
  var pending: Int64
  /// How much later a sender sends its next event where it had to wake the vCPU for the last one, in ns.
  var wakingCost: Int64 = 0
  /// A halt that is seen later after its event than this is late, in ns.
  var limit: Int32 = .max
}

extension WakeEvent {
  /// An event that no other task has to do with, at `time`.
  init(
    time: Int64, busyAfterPoll: Int32, busyAfterSleep: Int32, pollLimit: Int32,
    ownLatency: Int32, rank: UInt8
  ) {
    self.init(
      time: time, busyAfterPoll: busyAfterPoll, busyAfterSleep: busyAfterSleep,
      pollLimit: pollLimit, ownLatency: ownLatency, halt: 0, firstRival: 0, rivalCount: 0, path: 0,
      patience: .max, preemptingLatency: 0, taskStays: -1, peerHalted: -1, rank: rank,
      isSeen: false, holdsAfterShort: false, holdsAfterLong: false, sentBehind: -1)
  }

  /// The places of its rivals among the schedule's.
  var rivals: Range<Int> {
    get { Int(firstRival)..<Int(firstRival) + Int(rivalCount) }
    set {
      firstRival = Int32(clamping: newValue.lowerBound)
      rivalCount = Int32(clamping: newValue.count)
    }
  }

  /// How its sender sent it.
  var sending: AcceptedEvents.Sending {
    get { sentBehind < 0 ? .alone : sentBehind == 0 ? .behindAwake : .behindAsleep }
    set {
      sentBehind =
        switch newValue {
        case .alone: -1
        case .behindAwake: 0
        case .behindAsleep: 1
        }
    }
  }
}

extension Rival {
  /// Further away than this is as far.
  static let far: Int64 = 1 << 30
}
