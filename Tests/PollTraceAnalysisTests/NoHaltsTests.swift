import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// What a trace without halts says of why.
private struct Reason: Equatable {
  var kind: Ledger.Kind?
  var detail: String
  var isIncomplete: Bool

  init(_ kind: Ledger.Kind?, _ detail: String, isIncomplete: Bool) {
    (self.kind, self.detail, self.isIncomplete) = (kind, detail, isIncomplete)
  }

  init(_ report: TraceReport) {
    let entry = report.ledger.entries.first { $0.kind == report.absence }
    self.init(entry?.kind, entry?.detail.terminal ?? "", isIncomplete: report.ledger.isIncomplete)
  }
}

/// Facts of a recorder of polltrace: it records wake-ups.
private let facts = """
  polltrace.facts/1
  host name=h boot=b kernel=6.18.0 arch=x86_64
  recording clock=mono began=1000000 ended=90000000 sched=1
  parameters since=1 halt_poll_ns=200000 grow=2 grow_start=10000 shrink=2
  vcpu tid=77 pid=70 vm=web1 id=0

  """

@Suite struct `A trace without halts` {
  private let nothing = Reason(.noHalts, "", isIncomplete: false)

  private func perf(_ tracepoints: [UInt64], halts: Int, of exits: Int) throws -> Reason {
    var builder = PerfBuilder()
    builder.tracepoints = tracepoints
    builder.addName("CPU 0/KVM")
    for exit in 0..<exits {
      builder.addExit(
        at: 1_000 + UInt64(exit), isHalt: exit < halts, thread: UInt32(77 + exit % 2))
    }
    return Reason(try report(of: builder.file))
  }

  private func dat(
    version: Int = 6, exits: [TraceBuilder.Exit] = [], events: [Event] = [],
    _ change: (inout TraceBuilder) -> Void
  ) throws -> Reason {
    var builder = TraceBuilder(events)
    builder.version = version
    builder.exits = exits
    change(&builder)
    return Reason(try report(of: builder.file))
  }

  private func text(_ lines: [String]) throws -> Reason {
    Reason(try report(of: FtraceLines.file(lines)))
  }

  /// Exits of threads 77 and 78 in turn, of which the first `halts` are to halt.
  private func exits(_ count: Int, halts: Int) -> [TraceBuilder.Exit] {
    (0..<count).map {
      .init(at: 1_000 + UInt64($0), of: Int32(77 + $0 % 2), isHalt: $0 < halts)
    }
  }

  @Test func `and without any event of KVM has no VM`() throws {
    #expect(try perf([PerfBuilder.wakeup], halts: 0, of: 0) == nothing)
    #expect(try dat { _ in } == nothing)
    #expect(
      try text([
        "  bash-4711  [000] .....  1000.202947: sched_process_exit: comm=bash pid=4711 prio=120"
      ]) == nothing)
  }

  @Test func `whose wake-ups were not recorded lacks them: perf.data lists its events`() throws {
    #expect(
      try perf([PerfBuilder.exit], halts: 8, of: 9)
        == Reason(
          .wakeupsNotRecorded, "9 exits of 2 vCPUs, 8 of them to halt", isIncomplete: true))
    #expect(
      try perf([PerfBuilder.exit], halts: 0, of: 1)
        == Reason(
          .wakeupsNotRecorded, "1 exit of 1 vCPU, none of them to halt", isIncomplete: true))
  }

  @Test(arguments: [6, 7], TraceBuilder.Exit.Arch.allCases)
  func `whose wake-ups were not recorded lacks them: trace.dat describes what was on`(
    version: Int, arch: TraceBuilder.Exit.Arch
  ) throws {
    for isDescribed in [false, true] {
      for isBigEndian in [false, true] {
        let reason = try dat(version: version, exits: exits(9, halts: 8)) {
          $0.exitArch = arch
          $0.hasWakeupFormat = isDescribed
          $0.isBigEndian = isBigEndian
        }
        #expect(
          reason
            == Reason(
              .wakeupsNotRecorded, "9 exits of 2 vCPUs, 8 of them to halt", isIncomplete: true))
      }
    }
  }

  @Test(arguments: [
    (
      "kvm_exit: vcpu 0 reason HLT rip 0xffffffff81c0de10 info1 0x0",
      "1 exit of 1 vCPU, all of them to halt"
    ),
    ("kvm_exit: reason hlt rip 0x1 info 0 0", "1 exit of 1 vCPU, all of them to halt"),
    ("kvm_exit: TRAP: HSR_EC: 0x0001 (WFx), PC: 0x1", "1 exit of 1 vCPU, all of them to halt"),
    (
      "kvm_exit: TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x1",
      "1 exit of 1 vCPU, none of them to halt"
    ),
    (
      "kvm:kvm_exit: vcpu 0 reason EPT_VIOLATION rip 0x1 HLT",
      "1 exit of 1 vCPU, none of them to halt"
    ),
    ("1 kvm:kvm_exit: reason HLT rip 0x1", "1 exit of 1 vCPU, all of them to halt"),
    ("kvm_entry: vcpu 0, rip 0xffffffff81c0de11", "1 events of KVM"),
    ("kvm_msi_set_irq: dst 1 vec 33 (Fixed|physical|edge)", "1 events of KVM"),
  ])
  func `whose wake-ups were not recorded lacks them: a text shows other events`(
    line: String, detail: String
  ) throws {
    #expect(
      try text(["  CPU 0/KVM-4711  [000] .....  1000.202947: \(line)"])
        == Reason(.wakeupsNotRecorded, detail, isIncomplete: true))
  }

  @Test func `though they were recorded is of a guest that does not halt in KVM`() throws {
    #expect(
      try perf([PerfBuilder.wakeup, PerfBuilder.exit], halts: 0, of: 9)
        == Reason(
          .guestIdles, "9 exits of 2 vCPUs, none of them to halt", isIncomplete: false))
    #expect(
      try dat(exits: exits(9, halts: 0)) { $0.add(option: 9, facts) }
        == Reason(
          .guestIdles, "9 exits of 2 vCPUs, none of them to halt", isIncomplete: false))
  }

  @Test func `though it exited to halt again and again lacks wake-ups that were switched on`()
    throws
  {
    // Each vCPU's last halt may go on beyond the end.
    #expect(
      try perf([PerfBuilder.wakeup, PerfBuilder.exit], halts: 2, of: 9).kind == .guestIdles)
    #expect(
      try perf([PerfBuilder.wakeup, PerfBuilder.exit], halts: 3, of: 9)
        == Reason(
          .wakeupsNotRecorded, "9 exits of 2 vCPUs, 3 of them to halt", isIncomplete: true))
  }

  @Test func `in which vCPU threads ran tells that from their switches`() throws {
    let switches = [
      Event(
        time: Timestamp(2_000_000), cpu: CPU(0), thread: ThreadID(5),
        kind: .switched(next: ThreadID(77), stillRunnable: false)),
      Event(
        time: Timestamp(5_000_000), cpu: CPU(0), thread: ThreadID(77),
        kind: .switched(next: ThreadID(5), stillRunnable: false)),
      // Another CPU on which it runs to the end.
      Event(
        time: Timestamp(6_000_000), cpu: CPU(1), thread: ThreadID(5),
        kind: .switched(next: ThreadID(77), stillRunnable: false)),
      Event(
        time: Timestamp(7_000_000), cpu: CPU(0), thread: ThreadID(5),
        kind: .switched(next: ThreadID(6), stillRunnable: false)),
    ]
    #expect(
      try dat(events: switches) { $0.add(option: 9, facts) }
        == Reason(.guestIdles, "1 vCPU ran for 4000 µs", isIncomplete: false))
    #expect(
      try dat(events: switches) {
        $0.hasWakeupFormat = false
        $0.names = [77: "CPU 0/KVM", 5: "swapper/0"]
      } == Reason(.wakeupsNotRecorded, "1 vCPU ran for 4000 µs", isIncomplete: true))
    #expect(
      try text([
        "  <idle>-0     [000] d..2.  1000.200000000: sched_switch: prev_comm=swapper/0 prev_pid=0 "
          + "prev_prio=120 prev_state=R ==> next_comm=CPU 0/KVM next_pid=77 next_prio=120",
        "  CPU 0/KVM-77 [000] d..2.  1000.203000000: sched_switch: prev_comm=CPU 0/KVM prev_pid=77 "
          + "prev_prio=120 prev_state=S ==> next_comm=swapper/0 next_pid=0 next_prio=120",
      ]) == Reason(.wakeupsNotRecorded, "1 vCPU ran for 3000 µs", isIncomplete: true))
    // A name that may be anybody's is no proof.
    #expect(try dat(events: switches) { $0.names = [77: "vp-3"] } == nothing)
  }

  @Test func `may be a guest's own`() throws {
    let lines = (0..<3).map {
      "  <idle>-0  [000] .....  1000.20294\($0): guest_halt_poll_ns: halt_poll_ns 50000 (grow 0)"
    }
    let report = try report(of: FtraceLines.file(lines))
    #expect(report.absence == .guestTrace)
    #expect(report.ledger.count(of: .guestTrace) == 3)
    #expect(!report.ledger.isIncomplete)
  }
}
