import PollTrace

/// What the recorder knows while it records: written beside the events each second, so that it
/// survives a cut.
struct RunningFacts {
  private(set) var facts = RecordedFacts()
  private let clock: String
  private var parameters = ParameterWatch()
  private var guestParameters = GuestParameterWatch()
  private var guestHalts: GuestHaltWatch?
  /// Each CPU's buffer when last counted.
  private(set) var statistics: [(cpu: Int, counts: BufferStatistics)] = []
  private var names: [ThreadID: String] = [:]
  /// Whether there are names that are not on disk yet.
  private var hasNewNames = true
  private(set) var affinities = VCPUAffinities()

  init(_ plan: RecordingPlan) {
    let host = Machine.name
    facts.recorder = Untrusted(plan.recorder)
    facts.host = Untrusted(host.host)
    facts.boot = Untrusted(Machine.boot)
    facts.kernel = Untrusted(host.release)
    facts.arch = Untrusted(host.machine)
    facts.cpuModel = Untrusted(Machine.cpuModel)
    facts.module = KVMModule.onThisHost
    facts.topology = CPUTopology.onThisHost
    clock = plan.clock
    facts.clock = Untrusted(clock)
    facts.hasSchedulerEvents = plan.scheduler != .none
    facts.hasIdleSwitches = plan.scheduler == .full
    guard plan.isGuest else { return }
    (facts.hasSchedulerEvents, facts.hasIdleSwitches, facts.module) = (false, false, nil)
    let idling = GuestIdling()
    var guest = GuestFacts()
    (guest.driver, guest.governor) = (Untrusted(idling.driver), Untrusted(idling.governor))
    guest.uuid = Untrusted(idling.uuid)
    guest.states = idling.states.map { Untrusted($0) }
    facts.guest = guest
  }

  /// Events that came to the readers.
  var events: UInt64 { statistics.reduce(0) { $0 + $1.counts.read } }
  var lost: UInt64 { facts.losses.reduce(0) { $0 + $1.events } }

  /// Notes that recording begins.
  mutating func begin() {
    facts.began = Machine.now(on: clock)
    facts.beganUTC = Machine.utc
    facts.ended = facts.began
    if facts.guest != nil { guestHalts = GuestHaltWatch() }
    lookAtParameters()
  }

  /// Notes that recording has gone on until now.
  mutating func goOn() { facts.ended = Machine.now(on: clock) }

  /// Notes what a companion says of the recording's time.
  mutating func mark(_ blocks: [RecordedFacts.TrialBlock]) {
    if blocks.count != facts.trial.count { facts.trial = blocks }
  }

  mutating func lookAtParameters() {
    if facts.guest != nil {
      if guestParameters.look(clock: clock) { facts.guest?.parameters = guestParameters.changes }
      if let guestHalts { facts.guest?.halts = guestHalts.halts }
    } else if parameters.look(clock: clock) {
      facts.parameters = parameters.changes
    }
  }

  /// Looks on which CPUs the vCPU threads of `scan` may run; true where that changed.
  mutating func lookAtAffinities(_ scan: VCPUScan, at now: Timestamp) -> Bool {
    guard affinities.look(at: now, scan.running.flatMap(\.threads)) else { return false }
    noteAffinities()
    return true
  }

  /// Those of threads that have ended stay.
  private mutating func noteAffinities() {
    for index in facts.vcpus.indices {
      let seen = affinities.byThread[facts.vcpus[index].thread]
      facts.vcpus[index].affinity = seen ?? facts.vcpus[index].affinity
    }
  }

  /// Notes when and where switches between idle and any task were recorded.
  mutating func take(_ idle: IdleSwitchRecording) {
    facts.idleSwitchSpans = idle.spans(until: Machine.now(on: clock))
  }

  mutating func take(_ scan: VCPUScan) {
    let before = Dictionary(
      facts.vcpus.map { ($0.thread, $0.affinity) }, uniquingKeysWith: { $1 })
    facts.vcpus = scan.seen.map { vcpu in
      var vcpu = vcpu
      vcpu.affinity = before[vcpu.thread] ?? nil
      return vcpu
    }
    noteAffinities()
    names.merge(scan.names) { $1 }
    hasNewNames = true
  }

  /// All events that were recorded until now, in `instance`.
  static func counted(in instance: borrowing TraceInstance) -> UInt64 {
    var sum: UInt64 = 0
    for cpu in instance.cpus {
      let counts = BufferStatistics(in: instance.folder(ofCPU: cpu))
      sum += counts.read + counts.waiting + counts.lost
    }
    return sum
  }

  /// Counts the buffers' events; at the end what is still in one did not reach the disk.
  mutating func count(_ instance: borrowing TraceInstance, atEnd: Bool = false) {
    statistics = []
    for cpu in instance.cpus {
      statistics.append((cpu, BufferStatistics(in: instance.folder(ofCPU: cpu))))
    }
    facts.losses = statistics.compactMap { cpu, counts in
      let lost = counts.lost + (atEnd ? counts.waiting : 0)
      return lost == 0 ? nil : RecordedFacts.Loss(cpu: CPU(UInt32(cpu)), events: lost)
    }
  }

  /// Takes the names in that ftrace has kept: of whoever woke vCPUs, for one.
  mutating func takeNames() {
    names.merge(TraceFS.names) { own, _ in own }
    hasNewNames = true
  }

  /// Writes all of it that is not on disk yet.
  mutating func save(to parts: RecordingParts) throws(SystemError) {
    try parts.save(facts)
    guard hasNewNames else { return }
    try parts.save(names)
    hasNewNames = false
  }

  /// Writes the buffers' counts.
  func saveStatistics(to parts: RecordingParts) throws(SystemError) {
    for (cpu, counts) in statistics { try parts.saveStatistics(counts.text, cpu: cpu) }
  }
}
