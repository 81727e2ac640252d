internal import PerfettoTrace
internal import PollTrace
internal import PollTraceReport

/// The tracks of a timeline, each described before its first event.
struct TimelineTracks {
  /// One vCPU's: its thread and its window; or a guest CPU's, which has no thread.
  struct VCPU {
    var thread: UInt64
    var window: UInt64
    /// With its VM.
    var label: String
  }

  private(set) var vcpus: [VCPU] = []
  private var byThread: [ThreadID: UInt64] = [:]
  private var interrupts: UInt64?
  private let trace: TraceDescription
  private var last: UInt64 = 0
  /// The sequence of descriptors, which have no time.
  static let sequence: UInt32 = 1
  /// More wakers than these share a track: a damaged trace may name millions.
  private static let most = 1 << 16

  /// Describes VMs and vCPUs in `packets`: a VM is a process, a vCPU a thread of it.
  init(_ report: TraceReport, _ packets: inout [PerfettoTracePacket]) {
    trace = report.trace
    var processes: Set<Int32> = []
    for vcpu in report.vcpus {
      let identity = vcpu.identity
      // Perfetto's threads have a process: where it is not known, one of their own.
      let pid = identity.process?.rawValue ?? identity.thread.rawValue
      let vm = Self.name(of: identity)
      if processes.insert(pid).inserted {
        describe(next(), in: &packets) {
          $0.process.pid = pid
          $0.process.processName = vm
        }
      }
      let name = identity.vcpu.map { "vCPU \($0)" } ?? identity.thread.label
      let tracks = VCPU(thread: next(), window: next(), label: "\(vm), \(name)")
      describe(tracks.thread, in: &packets) {
        $0.thread.pid = pid
        $0.thread.tid = Int64(identity.thread.rawValue)
        $0.thread.threadName = name
      }
      describe(tracks.window, in: &packets) {
        $0.parentUuid = tracks.thread
        $0.name = "poll window of \(name)"
        $0.counter.unit = .timeNs
      }
      byThread[identity.thread] = tracks.thread
      vcpus.append(tracks)
    }
    if let guest = report.guest { describe(guest, &packets) }
  }

  /// Describes a guest's CPUs: tracks below one of the guest.
  private mutating func describe(_ guest: GuestReport, _ packets: inout [PerfettoTracePacket]) {
    let host = trace.facts?.host ?? ""
    let name = host.isEmpty ? "guest" : "guest \(host.terminal)"
    let machine = next()
    describe(machine, in: &packets) { $0.name = name }
    for cpu in guest.cpus {
      let label = "CPU \(cpu.cpu.rawValue)"
      let tracks = VCPU(thread: next(), window: next(), label: "\(name), \(label)")
      describe(tracks.thread, in: &packets) {
        $0.parentUuid = machine
        $0.name = label
      }
      describe(tracks.window, in: &packets) {
        $0.parentUuid = tracks.thread
        $0.name = "poll limit of \(label)"
        $0.counter.unit = .timeNs
      }
      vcpus.append(tracks)
    }
  }

  /// The track of whoever woke a vCPU: a task's own, or that of all interrupts.
  ///
  /// Described in `packets` where it is new.
  mutating func waker(of halt: Halt, _ packets: inout [PerfettoTracePacket]) -> UInt64? {
    guard let task = halt.wokenBy else { return nil }
    guard halt.waker != .interrupt, task != .idle, task.rawValue > 0,
      byThread[task] != nil || byThread.count < Self.most
    else {
      if let interrupts { return interrupts }
      let uuid = next()
      describe(uuid, in: &packets) { $0.name = "interrupts that woke vCPUs" }
      interrupts = uuid
      return uuid
    }
    if let uuid = byThread[task] { return uuid }
    let uuid = next()
    let name = trace.names[task]?.terminal ?? "thread \(task.rawValue)"
    describe(uuid, in: &packets) {
      $0.thread.pid = trace.processes[task]?.rawValue ?? task.rawValue
      $0.thread.tid = Int64(task.rawValue)
      $0.thread.threadName = name
    }
    byThread[task] = uuid
    return uuid
  }

  private mutating func next() -> UInt64 {
    last += 1
    return last
  }

  private func describe(
    _ uuid: UInt64, in packets: inout [PerfettoTracePacket],
    _ fill: (inout PerfettoTrackDescriptor) -> Void
  ) {
    var packet = PerfettoTracePacket()
    packet.trustedPacketSequenceID = Self.sequence
    packet.trackDescriptor.uuid = uuid
    fill(&packet.trackDescriptor)
    packets.append(packet)
  }

  private static func name(of identity: VCPUIdentity) -> String {
    if let name = identity.vm { return "VM \(name.terminal)" }
    return identity.process == nil ? "VM unknown" : "VM"
  }
}
