package import PollTrace

/// Halts of a host as they are recorded, handed out page by page instead of written to a file.
///
/// It is a recording as any other: a tracefs instance of its own, which is gone when this is, its events
/// kept to vCPU threads, which are followed as they come and go.
package final class LiveRecording {
  private let instance: TraceInstance
  private var buffers: [LiveBuffer]
  private var selection: EventSelection
  private var scan: PacedScan
  private var facts: RunningFacts
  /// Instances of dead recorders that were removed first.
  package let removed: [String]
  /// Says how to read the pages: `events/header_page`, and the events' formats by system.
  package let headerPage: [UInt8]
  package let formats: [(system: String, text: [UInt8])]

  /// So long after something happened it is looked for in the buffers: an event that was begun on a CPU
  /// that stands still shows a moment later, and hides those behind it.
  package static let slack: Nanoseconds = 20_000_000

  /// Begins to record the VMs `vms`, process ids or names, or all where it is empty.
  package init(vms: [String]) throws(CaptureError) {
    removed = StaleInstances.remove()
    var plan = RecordingPlan(output: "-")
    plan.vms = vms
    // Who else wants the CPUs says nothing of the figures.
    plan.scheduler = .vcpus
    let instance = try TraceInstance()
    var selection = EventSelection(plan, in: instance)
    var scan = PacedScan(VCPUScan(wanted: vms))
    var facts = RunningFacts(plan)
    try instance.prepare(plan, selection)
    headerPage = try TraceFS.headerPage()
    formats = try instance.formats(of: selection.events)
    var buffers: [LiveBuffer] = []
    for cpu in instance.cpus { buffers.append(try LiveBuffer(cpu: cpu, of: instance)) }
    _ = scan.look(at: Machine.now)
    try selection.begin(in: instance)
    try selection.follow(scan.scan, in: instance)
    facts.take(scan.scan)
    facts.begin()
    try instance.setRecording(true)
    self.instance = instance
    (self.buffers, self.selection, self.scan, self.facts) = (buffers, selection, scan, facts)
  }

  // An instance goes when nobody has a file of it open any more.
  deinit { buffers = [] }

  /// Bytes of a page.
  package var pageSize: Int { Machine.pageSize }
  /// The CPUs that have a buffer.
  package var cpus: [CPU] { buffers.map(\.cpu) }
  /// What is known of the recording.
  package var recorded: RecordedFacts { facts.facts }
  /// The vCPU threads that run; of VMs whose threads' names do not tell, all their threads.
  package var running: [RecordedFacts.VCPUThread] { scan.scan.running.flatMap(\.threads) }
  /// Files that are readable when a buffer fills up.
  package var descriptors: [Int32] { buffers.filter(\.isThere).map(\.descriptor) }

  /// Hands over the pages that each CPU has by now.
  package func read(_ take: (CPU, [UInt8]) -> Void) throws(CaptureError) {
    for buffer in buffers {
      let pages: [UInt8]
      do { pages = try buffer.read() } catch {
        throw CaptureError(error, "\(instance.directory)/per_cpu", "cannot be read")
      }
      if !pages.isEmpty { take(buffer.cpu, pages) }
    }
  }

  /// Follows threads and parameters; true where parameters changed.
  package func keepUp() throws(CaptureError) -> Bool {
    if scan.look(at: Machine.now) {
      scan.forgetEnded()
      try selection.follow(scan.scan, in: instance)
      facts.take(scan.scan)
    }
    let before = facts.facts.parameters.count
    facts.lookAtParameters()
    return facts.facts.parameters.count > before
  }

  /// How many events each CPU has lost since it began, where it has.
  package func losses() -> [CPU: UInt64] {
    facts.count(instance)
    return Dictionary(
      facts.facts.losses.map { ($0.cpu, $0.events) }, uniquingKeysWith: { $1 })
  }
}
