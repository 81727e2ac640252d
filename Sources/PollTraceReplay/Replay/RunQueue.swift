internal import CReplay

/// The other tasks on a vCPU's CPU as a replay goes on: whether one ends a poll or delays a wake-up.
///
/// A task stays where it was recorded, but for one that the vCPU displaces: it came while the vCPU ran
/// or polled, and runs from then on for as long as it was recorded to. Sources/CReplay/schedule_lanes.h
/// does the same for many settings.
struct RunQueue {
  /// When the vCPU was switched in last.
  private var entered: Int64
  /// Whether a task that went to sleep before still counts as runnable.
  private var holdsSleeper = false
  /// The task that was displaced, and until when it runs.
  private var displaced: Int32 = -1
  private var displacedUntil = Int64.min / 2

  /// The vCPU runs from `time` on; a task that went to sleep before may still count (`holdsSleeper`).
  init(at time: Int64, holdsSleeper: Bool = false) {
    (entered, self.holdsSleeper) = (time, holdsSleeper)
  }

  /// How long a poll that begins at `time` with a window of `length` ns can last, with the event of
  /// `arrival` at `at`, of which the recorded one is `base`; `.max` where no task ends it.
  mutating func pollLimit(
    at time: Int64, _ length: Int64, event at: Int64, _ base: Int64,
    _ rivals: some RandomAccessCollection<Schedule.Rival>
  ) -> Int64 {
    var until = displacedUntil
    var late: Schedule.Rival?
    var next: Schedule.Rival?
    for rival in rivals {
      let arrived = base &+ Int64(rival.arrived)
      if arrived > time {
        next = rival
        break
      }
      let isDisplaced = rival.number == displaced
      until = isDisplaced ? displacedUntil : base &+ Int64(rival.left)
      late = arrived > entered && !isDisplaced ? rival : nil
    }
    if let late {
      displaced = late.number
      displacedUntil = time &+ Contention.switchTime &+ Int64(late.run)
    }
    if holdsSleeper || until > time || late != nil { return Contention.turn }
    guard let next else { return .max }
    let comes = base &+ Int64(next.arrived)
    if length > comes &- time, at > comes {
      displaced = next.number
      displacedUntil = comes &+ Contention.cutToSwitch &+ Int64(next.run)
    }
    return comes &- time
  }

  /// A poll met its event at `time`.
  mutating func polled(until time: Int64) {
    entered = time
    holdsSleeper = false
  }

  /// The vCPU, which sleeps, is woken by `arrival` at `at`, `wait` ns after it halted, of which the recorded
  /// one is `base`: when it is seen to run; nil where it finds an idle CPU.
  ///
  /// Another vCPU that halted there less than `peerPolls` ns ago polls still, unless it came behind this
  /// one, which then still counts as runnable.
  mutating func wake(
    _ arrival: Schedule.Arrival, event at: Int64, _ base: Int64, wait: Int64, peerPolls: Int64,
    last rival: Schedule.Rival?
  ) -> Int64? {
    var until = displacedUntil
    var isBehind = false
    if let rival {
      isBehind = rival.number == displaced
      if !isBehind { until = base &+ Int64(rival.left) }
    }
    if arrival.taskStays >= 0, until <= at { until = at &+ Int64(arrival.taskStays) }
    if arrival.peerHalted >= 0, !isBehind, until <= at,
      at &- base &+ Int64(arrival.peerHalted) < peerPolls
    {
      until = at &+ Self.pollToSwitch
    }
    guard until > at else { return nil }
    if until &- at > Int64(arrival.patience) {
      let woke = at &+ Int64(arrival.preemptingLatency)
      (entered, holdsSleeper) = (woke, true)
      return woke
    }
    let delay = min(until &- at &+ Int64(arrival.path), Schedule.Rival.far &- 2)
    let isShort = wait &+ delay < Contention.shortHalt
    (entered, holdsSleeper) = (until, isShort ? arrival.holdsAfterShort : arrival.holdsAfterLong)
    return at &+ delay
  }

  /// The same vCPU has found an idle CPU and is seen at `time`.
  mutating func woke(at time: Int64) {
    entered = time &- Self.entryToSeen
    holdsSleeper = false
  }

  /// A task that wakes a vCPU on its own CPU goes on for so long, where that is not recorded.
  static let localWaker: Int32 = 4_000
  /// From the wake event of a vCPU to the switch to it from another one that polls.
  static let pollToSwitch: Int64 = VCPURuns.wakingToPollEnd + Contention.switchTime
  /// From the switch to the vCPU to its wake-up's being seen.
  static let entryToSeen: Int64 = 4_000
}
