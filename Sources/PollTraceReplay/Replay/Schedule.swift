/// The wake events of one vCPU, each with all that chance decides of it: what a replay runs over.
///
/// Ranks, hidden events and polls cut short are drawn before any setting is tried, so that all settings meet
/// the same events, and a replay itself is without chance.
struct Schedule {
  /// One wake event.
  struct Arrival {
    /// Its time (external), or how long after the halt's begin it comes, at least 0 (own requests), in ns.
    var time: Int64
    /// How long the guest runs afterwards, in ns, if it polled and if it slept.
    var busyAfterPoll: Int32
    var busyAfterSleep: Int32
    /// Poll time after which a poll is cut short, in ns; `.max` where it is not.
    var pollLimit: Int32
    /// Its own latency in ns where it stalled; -1 where the tables tell.
    var ownLatency: Int32
    /// The place of its latency among 64.
    var rank: UInt8
    /// The halt that it was recorded at, or hidden behind.
    var halt: Int32 = 0
    var isSeen = false
    /// The tasks that have the CPU between the event before and this one, or came by then.
    var rivals = 0..<0
    /// Of a wake-up while one of them has it: from the switch to its being seen.
    var path: Int32 = 0
    /// How long it waits for the task to leave; a vCPU that would wait longer preempts the task, and is
    /// seen so long after the event.
    var patience: Int32 = .max
    var preemptingLatency: Int32 = 0
    /// Whether a task that went to sleep in front of the vCPU still counts at its next halt.
    var holdsSleeper = false
    /// How long after the event a task stays on the CPU that no rival shows, as one that wakes the vCPU, in ns;
    /// -1 where none does.
    var taskStays: Int32 = -1
    /// How long ago another vCPU halted on the CPU, in ns, and was not woken since; -1 where none did.
    var peerHalted: Int32 = -1
  }
  /// A task that wants the CPU around a wake event; times in ns after the event.
  struct Rival {
    /// One and the same task's time on the CPU has one number.
    var number: Int32
    /// When it became runnable, at most 0; when it left; how long it ran.
    var arrived: Int32
    var left: Int32
    var run: Int32

    /// Further away than this is as far.
    static let far: Int64 = 1 << 30
  }
  /// A stretch of the recording without losses.
  struct Stretch {
    var arrivals: Range<Int>
    var begin: Int64
    var end: Int64
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
  /// A halt that is seen later after its event than this is late, in ns.
  var limit: Int32 = .max
}
