@testable import PollTrace

/// One vCPU's halts, made into the events that tell of them and followed through a trace of those.
struct Followed {
  /// A halt of the trace, or events that its CPU lost before the next one.
  enum Step {
    case halt(Halt)
    case loss
  }

  static let settings = PollSettings(
    rules: .newest,
    parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2))
  static let thread = ThreadID(1)

  var track: VCPUTrack
  /// The halts, with all that is known of their windows.
  var halts: [WindowedHalt] = []

  /// Follows `steps` in a pass of its own, or in one that knows what the `pass` before has found.
  init(
    _ steps: [Step], _ settings: PollSettings = Self.settings, decisionsAreRecorded: Bool = true,
    after pass: VCPUTrack? = nil
  ) {
    var scope = TrackScope(settings: settings)
    scope.decisionsAreRecorded = decisionsAreRecorded
    scope.openings = pass.map { [Self.thread: $0.tracker.openings] }
    scope.keeps.halts = true
    var shard = ThreadShard(number: ThreadShard.number(of: Self.thread), scope: scope)
    var grouper = ThreadGrouper()
    var (events, losses, last) = ([Event](), Losses(), Timestamp?.none)
    var isLost = false
    for step in steps {
      guard case .halt(let halt) = step else {
        isLost = true
        continue
      }
      if isLost { losses.add(Losses.Loss(after: last, before: halt.began), on: halt.cpu) }
      isLost = false
      events += Self.events(of: halt)
      last = halt.woke
    }
    shard.take([grouper.group(events.span)], losses)
    shard.finish(at: last ?? Timestamp(0), losses)
    track = shard.tracks[0]
    shard.drain { halts += $1 }
  }

  init(_ halts: [Halt], _ settings: PollSettings = Self.settings) {
    self.init(halts.map { .halt($0) }, settings)
  }

  private static func events(of halt: Halt) -> [Event] {
    var events: [Event] = []
    func add(_ time: Timestamp, _ kind: Event.Kind) {
      events.append(Event(time: time, cpu: halt.cpu, thread: thread, kind: kind))
    }
    if case .measured(let length) = halt.poll {
      add(halt.began + length, .switched(next: .idle, stillRunnable: false))
    }
    if let decision = halt.decision { add(halt.woke, .decision(decision)) }
    add(
      halt.woke, .wakeup(block: halt.block, ending: halt.ending, isValid: halt.isValid))
    return events
  }
}
