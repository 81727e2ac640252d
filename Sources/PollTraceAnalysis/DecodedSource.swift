internal import PollTrace
internal import PollTraceFile
internal import Synchronization

/// A round's events of one source.
struct DecodedRound: Sendable {
  var threads: ThreadGroups
  var losses: [(cpu: CPU, loss: Losses.Loss)]
  /// Those of a guest's own polling.
  var guests: [Event] = []
}

/// A CPU's events and where they are decoded to, one task at a time.
final class DecodedSource: Sendable {
  private struct State {
    var source: any EventSource
    var batch = EventBatch()
    var grouper: ThreadGrouper
    var occupancy: OccupancyTracker?
    var interrupts: InterruptTracker?
    var ignored: UInt64 = 0
    var keepsGuests = false

    mutating func decode(until end: Timestamp) -> DecodedRound {
      batch.removeAll()
      source.read(until: end, into: &batch)
      Self.follow(batch, with: &occupancy, &interrupts)
      let threads = Self.group(batch, with: &grouper)
      ignored += threads.ignored
      return DecodedRound(
        threads: threads, losses: batch.losses, guests: keepsGuests ? Self.guests(batch) : [])
    }

    private static func guests(_ batch: borrowing EventBatch) -> [Event] {
      let events = batch.span
      var found: [Event] = []
      for index in events.indices where events[index].isGuests { found.append(events[index]) }
      return found
    }

    private static func follow(
      _ batch: borrowing EventBatch, with occupancy: inout OccupancyTracker?,
      _ interrupts: inout InterruptTracker?
    ) {
      occupancy?.add(batch.span)
      interrupts?.add(batch.span)
    }

    private static func group(
      _ batch: borrowing EventBatch, with grouper: inout ThreadGrouper
    ) -> ThreadGroups { grouper.group(batch.span) }
  }
  private let state: Mutex<State>

  /// So many times that other tasks had the CPUs are kept of a trace: 6 MB.
  private static let mostOccupancies = 1 << 18
  /// So many interrupts that vCPUs accepted: 8 MB.
  private static let mostInterrupts = 1 << 19

  /// One of `count` sources.
  init(
    _ source: sending any EventSource, _ scope: TrackScope, of count: Int, keepsGuests: Bool = false
  ) {
    let hasOccupancy = scope.keeps.occupancy
    let span = scope.from..<max(scope.from, scope.to)
    state = Mutex(
      State(
        source: source, grouper: ThreadGrouper(hasSwitchesIn: hasOccupancy),
        occupancy: hasOccupancy
          ? OccupancyTracker(
            vcpus: scope.vcpus, most: Self.mostOccupancies / max(1, count),
            recorded: scope.idleSwitches ?? .always,
            in: span) : nil,
        interrupts: hasOccupancy
          ? InterruptTracker(most: Self.mostInterrupts / max(1, count), in: span) : nil,
        keepsGuests: keepsGuests))
  }

  func decode(until end: Timestamp?) -> DecodedRound? {
    guard let end else { return nil }
    return state.withLock { $0.decode(until: end) }
  }

  /// Until when that was not too much to be kept.
  var occupancyFitsUntil: Timestamp? { state.withLock { $0.occupancy?.tooMuchFrom } }

  /// Who else had its CPUs; the trace ends at `end`.
  func occupancy(until end: Timestamp) -> OccupancyTracker? {
    state.withLock { state in
      state.occupancy?.finish(at: end)
      return state.occupancy
    }
  }

  /// The interrupts that vCPUs accepted; nil where they were not looked for, or too many.
  var interrupts: [UInt32: [AcceptedInterrupt]]? {
    state.withLock { state in
      state.interrupts.flatMap { $0.isTooMuch ? nil : $0.found }
    }
  }

  /// Forgets which threads there were, where they are more than `most`.
  func forgetThreads(beyond most: Int) {
    state.withLock { state in
      guard state.grouper.threadCount > most else { return }
      state.grouper = ThreadGrouper(hasSwitchesIn: state.occupancy != nil)
    }
  }

  var tally: ReadTally { state.withLock { $0.source.tally } }
  /// Events of threads beyond the most that are followed.
  var ignored: UInt64 { state.withLock(\.ignored) }
}
