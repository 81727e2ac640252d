import PollTrace

/// When a recording takes the switches between idle and any task, so that they stay within their budget.
///
/// They tell who else wants a CPU, and cost little where CPUs are busy; where they go idle all the time
/// these events may be many times all others. What they cost shows only by comparison: the recording is
/// made without them for a moment at first, and again where it gets much more. Where they are too many they are
/// recorded in spans, and each span and the time behind it tell what the next one may be. Interrupts that
/// vCPUs accept come and go with them, and count as they do.
struct IdleSwitchBudget {
  /// At most so many a second, averaged over spans: 0.3 % of a CPU in the recorder, which takes 0.118 µs for
  /// each, and 1 % in all where the kernel takes 0.3 µs to write one.
  static let most = 25_000.0
  /// So many a second cost nothing worth the name.
  static let free = 1_000.0
  /// Their bytes to those of the average of all other events, in a ring buffer: the file may double.
  private static let size = 68.0 / 45.0

  /// How long they are recorded before the first comparison, and how long that takes.
  private static let patience: Nanoseconds = 250_000_000
  private static let comparison: Nanoseconds = 100_000_000
  /// How often the rate is looked at where they are recorded all the time.
  private static let glance: Nanoseconds = 1_000_000_000
  /// From one span's begin to the next one's, at first; the shortest span.
  private static let period: Nanoseconds = 1_000_000_000
  private static let shortest: Nanoseconds = 20_000_000
  /// After so many spans they come half as often: the facts of a day must stay small.
  private static let spansOfPeriod = 128

  private enum State { case open, compared, span, between }
  private var state = State.open
  /// Whether they are wanted now.
  private(set) var isOn = true
  /// When to look again.
  private(set) var next = Timestamp(.max)
  /// What was counted when this state began.
  private var began = (time: Timestamp(0), events: 0 as UInt64)
  /// All events a second with and without them, as last seen.
  private var (with, without) = (0.0, 0.0)
  /// The rate that was found to be within the budget.
  private var allowed = Self.free
  private var spans = 0

  /// Recording begins, with `events` counted.
  mutating func begin(at time: Timestamp, events: UInt64) {
    began = (time, events)
    next = time + Self.patience
  }

  /// Says what is wanted from now on, where `next` has come and `events` were counted; true where that is
  /// something else than before.
  mutating func look(at time: Timestamp, events: UInt64) -> Bool {
    let seconds = Double((time - began.time).rawValue) / 1e9
    let rate = Double(events - min(began.events, events)) / max(seconds, 1e-3)
    switch state {
    case .open:
      with = rate
      guard rate > allowed * 1.5 else {
        began = (time, events)
        next = time + Self.glance
        return false
      }
      (state, isOn) = (.compared, false)
    case .compared, .between:
      without = rate
      isOn = true
      if share < 1 {
        state = .span
      } else {
        (state, allowed) = (.open, max(with, Self.free))
      }
    case .span:
      with = rate
      (state, isOn) = (.between, false)
      spans += 1
    }
    return true
  }

  /// What was wanted holds since `time`, when `events` were counted.
  mutating func changed(at time: Timestamp, events: UInt64) {
    began = (time, events)
    switch state {
    case .open: next = time + Self.glance
    case .compared: next = time + Self.comparison
    case .span: next = time + length
    case .between: next = time + (period - min(length, period))
    }
  }

  /// The share of the time in which they may be recorded; 1 and more: always.
  private var share: Double {
    let rate = max(0, with - without)
    let most = min(Self.most, max(Self.free, without / Self.size))
    return rate > 0 ? most / rate : .infinity
  }

  private var length: Nanoseconds {
    max(Self.shortest, Nanoseconds(UInt64(Double(period.rawValue) * min(share, 0.5))))
  }

  /// From one span's begin to the next one's.
  private var period: Nanoseconds {
    Self.period.times(1 << UInt64(min(20, spans / Self.spansOfPeriod)))
  }
}
