import PollTrace

/// One recording, from its instance to its parts on disk.
struct Recording: ~Copyable {
  private let plan: RecordingPlan
  private let parts: RecordingParts
  private let instance: TraceInstance
  private var selection: EventSelection
  private var scan: PacedScan
  private var facts: RunningFacts
  private var idle: IdleSwitchRecording
  /// When it began and when the once-a-second work was last done.
  private var start = Timestamp(0)
  private var lastTick = Timestamp(0)

  /// How often the rest is done.
  private static let tickPause: Nanoseconds = 1_000_000_000

  init(
    _ plan: RecordingPlan, _ scan: VCPUScan, _ parts: RecordingParts,
    in instance: consuming TraceInstance
  ) {
    self.plan = plan
    self.parts = parts
    self.scan = PacedScan(scan)
    self.instance = instance
    selection = EventSelection(plan, in: self.instance)
    facts = RunningFacts(plan)
    idle = IdleSwitchRecording(plan)
  }

  /// Records until something ends it.
  mutating func run(
    _ signals: inout BlockedSignals, _ companion: (any RecordingCompanion)?,
    note: (RecordingNote) -> Void, progress: (RecordingProgress) -> Void
  ) throws(CaptureError) -> RecordingSummary {
    try prepare()
    let readers = try CPUReaders(of: instance, to: parts)
    try begin()
    let command = try startCommand()
    let events = selection.events.map { "\($0.system):\($0.name)" }
    note(
      plan.isGuest
        ? .beganInGuest(
          instance: instance.directory, events: events, cpus: instance.cpus.count)
        : .began(
          instance: instance.directory, events: events, vms: scan.scan.running.count,
          vcpus: scan.scan.threads.count))
    if let companion {
      companion.begin(try RecordedPages(readers.readers, parts, of: instance, selection.events))
    }
    let end = wait(&signals, readers, command, companion, progress)
    companion?.end(end)
    return finish(end, readers, command)
  }

  /// Sets the instance up; no event is recorded yet.
  private mutating func prepare() throws(CaptureError) {
    try instance.prepare(plan, selection)
    idle.prepare(in: instance)
    try parts.saveFormats(of: instance, selection.events)
  }

  private mutating func begin() throws(CaptureError) {
    try selection.begin(in: instance)
    facts.take(scan.scan)
    _ = facts.lookAtAffinities(scan.scan, at: Machine.now)
    _ = idle.take(facts.affinities)
    try selection.follow(scan.scan, idle: idle.filter, in: instance)
    facts.takeNames()
    facts.begin()
    start = Machine.now
    idle.begin(at: start, clock: facts.facts.began)
    facts.take(idle)
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
    _ companion: (any RecordingCompanion)?, _ progress: (RecordingProgress) -> Void
  ) -> RecordingSummary.End {
    while true {
      var due = Timestamp(.max)
      if let companion {
        let next = companion.step { look() }
        facts.mark(companion.marks)
        guard let next else { return .duration }
        due = next
      }
      let left = left(at: Machine.now)
      let pause = min(pause(at: Machine.now), due - Machine.now)
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
    let tick = lastTick + Self.tickPause - now
    return plan.isGuest ? tick : min(scan.next - now, tick, idle.next - now)
  }

  /// What is known now, the parameters looked at.
  private mutating func look() -> RecordingState {
    facts.lookAtParameters()
    facts.count(instance)
    return RecordingState(facts: facts.facts, running: scan.scan.running.flatMap(\.threads))
  }

  private func left(at now: Timestamp) -> Nanoseconds? { plan.duration.map { $0 - (now - start) } }

  private func state(_ readers: CPUReaders) -> RecordingProgress {
    let now = Machine.now
    return RecordingProgress(
      elapsed: now - start, left: left(at: now), vcpus: scan.scan.threads.count,
      guestCPUs: plan.isGuest ? instance.cpus.count : nil, events: facts.events,
      bytes: readers.bytes, lost: facts.lost)
  }

  /// Follows the threads of vCPUs, and has the instance record what they and the budget ask for; true where
  /// there are others.
  private mutating func followVCPUs(at now: Timestamp) throws(CaptureError) -> Bool {
    let isChanged = scan.look(at: now)
    if isChanged { facts.take(scan.scan) }
    var isOther = isChanged
    if facts.lookAtAffinities(scan.scan, at: now), idle.take(facts.affinities) { isOther = true }
    if idle.look(at: now, events: { RunningFacts.counted(in: instance) }) { isOther = true }
    if isOther { try follow() }
    return isChanged
  }

  /// Follows threads, and each second the parameters and losses; true where a second is over.
  private mutating func keepUp(at now: Timestamp) throws(CaptureError) -> Bool {
    let isChanged = plan.isGuest ? false : try followVCPUs(at: now)
    let isTick = now - lastTick >= Self.tickPause
    if isTick {
      lastTick = now
      facts.lookAtParameters()
      facts.count(instance)
    }
    guard isChanged || isTick else { return false }
    facts.take(idle)
    facts.goOn()
    do { try facts.save(to: parts) } catch { throw CaptureError(error, output: plan.output) }
    return isTick
  }

  /// Has the filters follow the threads, and what is wanted of other tasks.
  private mutating func follow() throws(CaptureError) {
    let before = Machine.now(on: plan.clock)
    try selection.follow(scan.scan, idle: idle.filter, in: instance)
    idle.changed(
      at: Machine.now, before: before, after: Machine.now(on: plan.clock),
      events: RunningFacts.counted(in: instance))
  }

  /// Ends recording, brings the rest to disk and writes the last facts.
  private mutating func finish(
    _ end: RecordingSummary.End, _ readers: CPUReaders, _ command: ChildProcess?
  ) -> RecordingSummary {
    var end = end
    facts.take(idle)
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
      end: end, length: length, vms: Set(scan.scan.seen.map(\.process)).count,
      vcpus: scan.scan.seen.count,
      events: facts.events, lost: facts.lost,
      guestCPUs: plan.isGuest ? instance.cpus.count : nil)
  }
}

extension TraceInstance {
  /// Sets it up for what `plan` says; no event is recorded yet.
  func prepare(_ plan: RecordingPlan, _ selection: EventSelection) throws(CaptureError) {
    try setRecording(false)
    try setClock(plan.clock)
    try setBuffers(bytes: plan.bufferSize)
    try selection.check(in: self)
  }
}
