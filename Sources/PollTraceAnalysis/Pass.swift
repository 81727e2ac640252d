internal import PollTrace
internal import PollTraceFile

/// One pass over a trace, in rounds of time.
struct Pass {
  let reader: any TraceReader
  let scope: TrackScope
  let threads: Int
  /// About how many pages of 4 KiB a round has.
  var pages = Self.pagesOfRound
  /// How a guest's own polling is followed; nil where the trace cannot show any.
  var guest: GuestScope?
  /// More halts than this are not logged: then none are.
  var mostLogged = Int.max

  static let pagesOfRound = 128

  /// What a pass comes to.
  struct Result {
    /// The threads that halted.
    var tracks: [VCPUTrack]
    /// What reading counted.
    var tally: ReadTally
    /// Events of threads beyond the most that are followed.
    var ignored: UInt64
    /// Whether there were more halts than were to be logged.
    var isLogDropped: Bool
    /// What else the host did.
    var activity = HostActivity()
    /// The CPUs of a guest that were seen to idle, or to decide.
    var guest: [GuestCPUTrack] = []
  }

  /// A halt of `thread`.
  typealias Kept = (thread: ThreadID, halt: WindowedHalt)

  /// Makes the pass; `take` is handed the halts that the scope keeps, round by round.
  func run<Failure: Error>(
    _ take: ([Kept]) throws(Failure) -> Void
  ) throws(Failure) -> Result {
    try run(take) { _ throws(Failure) in }
  }

  /// The same of a guest's trace; `takeIdles` is handed the idle times that its scope keeps.
  func run<Failure: Error>(
    _ take: ([Kept]) throws(Failure) -> Void, idles takeIdles: ([KeptIdle]) throws(Failure) -> Void
  ) throws(Failure) -> Result {
    var rounds = Rounds(
      (0..<reader.sourceCount).map {
        DecodedSource(
          reader.source($0), scope, of: reader.sourceCount, keepsGuests: guest != nil)
      },
      scope, reader.losses, guest: guest, threads: threads)
    var isLogDropped = false
    for end in reader.moments(every: pages) + [Timestamp(.max), nil] {
      rounds.step(until: end)
      if !isLogDropped, rounds.logged > mostLogged {
        isLogDropped = true
        rounds.dropLogs()
      }
      if scope.keeps.halts { try take(rounds.drain()) }
      if guest?.keeps.idles == true { try takeIdles(rounds.drainIdles()) }
    }
    var result = result(rounds, isLogDropped)
    // Those that only the end of the trace settles.
    for index in result.guest.indices {
      let cpu = result.guest[index].cpu
      try takeIdles(result.guest[index].drain().map { KeptIdle(cpu: cpu, idle: $0) })
    }
    return result
  }

  private func result(_ rounds: Rounds, _ isLogDropped: Bool) -> Result {
    var tally = rounds.tally
    tally.lost.merge(reader.statedLosses, uniquingKeysWith: max)
    if !tally.lost.isEmpty { tally.uncountedLosses = 0 }
    for (cpu, counted) in reader.description.countedEvents {
      // What was lost is not among them.
      let read = tally.eventsOfCPU[cpu] ?? 0
      if counted > read { tally.absent[cpu] = counted - read }
    }
    let end = tally.last ?? Timestamp(0)
    return Result(
      tracks: rounds.finish(at: end), tally: tally, ignored: rounds.ignored,
      isLogDropped: isLogDropped, activity: rounds.activity(until: end),
      guest: rounds.finishGuest(at: end))
  }
}
