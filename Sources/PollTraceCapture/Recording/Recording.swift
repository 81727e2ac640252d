import PollTrace

/// One recording, from its instance to its parts on disk.
struct Recording: ~Copyable {
  private let plan: RecordingPlan
  private let parts: RecordingParts
  private let instance: TraceInstance
  private var selection: EventSelection
  private var scan: VCPUScan
  private var facts: RunningFacts
  /// When it began and when the once-a-second work was last done.
  private var start = Timestamp(0)
  private var lastTick = Timestamp(0)

  /// When new threads are looked for again.
  ///
  /// Threads that no name gives away lack their scheduler events until they are found, so as soon
  /// as costs less than a two-hundredth of a CPU: on a host of thousands of processes a look takes
  /// milliseconds. A VM that ends before it is found stays without a name. One that was asked for lacks
  /// its halts as well until it is found, so a tenth of a CPU may go into looking for it.
  private var nextScan = Timestamp(0)
  private static let shortestPause: Nanoseconds = 50_000_000
  private static let shortestWait: Nanoseconds = 5_000_000
  private static let longestPause: Nanoseconds = 2_000_000_000
  /// How often the rest is done.
  private static let tickPause: Nanoseconds = 1_000_000_000

  init(
    _ plan: RecordingPlan, _ scan: VCPUScan, _ parts: RecordingParts,
    in instance: consuming TraceInstance
  ) {
    self.plan = plan
    self.parts = parts
    self.scan = scan
    self.instance = instance
    selection = EventSelection(plan)
    facts = RunningFacts(plan)
  }

  /// Records until something ends it.
  mutating func run(
    _ signals: inout BlockedSignals, note: (RecordingNote) -> Void,
    progress: (RecordingProgress) -> Void
  ) throws(CaptureError) -> RecordingSummary {
    try prepare()
    let readers = try CPUReaders(of: instance, to: parts)
    try begin()
    let command = try startCommand()
    note(
      .began(
        instance: instance.directory, events: selection.events.map { "\($0.system):\($0.name)" },
        vms: scan.running.count, vcpus: scan.threads.count))
    let end = wait(&signals, readers, command, progress)
    return finish(end, readers, command)
  }

  /// Sets the instance up; no event is recorded yet.
  private func prepare() throws(CaptureError) {
    try instance.setRecording(false)
    try instance.setClock(plan.clock)
    try instance.setBuffers(bytes: plan.bufferSize)
    try selection.check(in: instance)
    try parts.saveFormats(of: instance, selection.events)
  }

  private mutating func begin() throws(CaptureError) {
    try selection.begin(in: instance)
    try selection.follow(scan, in: instance)
    facts.take(scan)
    facts.takeNames()
    facts.begin()
    start = Machine.now
    lastTick = start
    do { try facts.save(to: parts) } catch { throw CaptureError(error, output: plan.output) }
    try instance.setRecording(true)
  }

  private func startCommand() throws(CaptureError) -> ChildProcess? {
    guard let name = plan.command.first?.shown else { return nil }
    do { return try ChildProcess(plan.command) } catch {
      throw CaptureError(
        "\(name): cannot be run: \(error.text)", remedy: "Give the command's path after --.")
    }
  }

  /// Waits for what ends the recording, and keeps up with threads and parameters meanwhile.
  private mutating func wait(
    _ signals: inout BlockedSignals, _ readers: CPUReaders, _ command: ChildProcess?,
    _ progress: (RecordingProgress) -> Void
  ) -> RecordingSummary.End {
    while true {
      let left = left(at: Machine.now)
      let pause = pause(at: Machine.now)
      if let signal = signals.next(within: min(pause, left ?? pause)) {
        if !BlockedSignals.isChild(signal) { return .signal(BlockedSignals.name(signal)) }
      }
      if let end = command?.ended() { return .command(end.status) }
      if left == .zero { return .duration }
      if let error = readers.error { return .failure(CaptureError(error, output: plan.output)) }
      do {
        if try keepUp(at: Machine.now) { progress(state(readers)) }
      } catch { return .failure(error) }
    }
  }

  /// How long until there is something to do.
  private func pause(at now: Timestamp) -> Nanoseconds {
    min(nextScan - now, lastTick + Self.tickPause - now)
  }

  private func left(at now: Timestamp) -> Nanoseconds? { plan.duration.map { $0 - (now - start) } }

  private func state(_ readers: CPUReaders) -> RecordingProgress {
    let now = Machine.now
    return RecordingProgress(
      elapsed: now - start, left: left(at: now), vcpus: scan.threads.count, events: facts.events,
      bytes: readers.bytes, lost: facts.lost)
  }

  /// Follows threads, and each second the parameters and losses; true where a second is over.
  private mutating func keepUp(at now: Timestamp) throws(CaptureError) -> Bool {
    let isChanged = now >= nextScan && look(at: now)
    if isChanged {
      try selection.follow(scan, in: instance)
      facts.take(scan)
    }
    let isTick = now - lastTick >= Self.tickPause
    if isTick {
      lastTick = now
      facts.lookAtParameters()
      facts.count(instance)
    }
    guard isChanged || isTick else { return false }
    facts.goOn()
    do { try facts.save(to: parts) } catch { throw CaptureError(error, output: plan.output) }
    return isTick
  }

  /// Looks for new threads; true where there are some.
  private mutating func look(at now: Timestamp) -> Bool {
    let before = Machine.cpuTime
    defer {
      let cost = Machine.cpuTime - before
      let pause = cost.times(scan.isWaiting ? 10 : 200)
      let shortest = scan.isWaiting ? Self.shortestWait : Self.shortestPause
      nextScan = now + min(max(shortest, pause), Self.longestPause)
    }
    return scan.update(at: now)
  }

  /// Ends recording, brings the rest to disk and writes the last facts.
  private mutating func finish(
    _ end: RecordingSummary.End, _ readers: CPUReaders, _ command: ChildProcess?
  ) -> RecordingSummary {
    var end = end
    do { try instance.setRecording(false) } catch { end = .failure(error) }
    let length = Machine.now - start
    facts.goOn()
    facts.lookAtParameters()
    if case .command = end {} else { command?.end() }
    readers.finish()
    if let error = readers.error { end = .failure(CaptureError(error, output: plan.output)) }
    facts.count(instance, atEnd: true)
    facts.takeNames()
    parts.releaseReserve()
    do {
      try facts.saveStatistics(to: parts)
      try facts.save(to: parts)
    } catch { end = .failure(CaptureError(error, output: plan.output)) }
    return RecordingSummary(
      end: end, length: length, vms: Set(scan.seen.map(\.process)).count, vcpus: scan.seen.count,
      events: facts.events, lost: facts.lost)
  }
}
