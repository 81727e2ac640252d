/// Small traces of the formats that are not trace.dat's.
extension SmallTraces {
  /// A name and a file each: perf.data in its forms, and text as each tool prints it.
  package static let otherFormats: [(name: String, file: [UInt8])] = {
    var traces: [(name: String, file: [UInt8])] = []
    for isBigEndian in [false, true] {
      var perf = PerfBuilder(isBigEndian: isBigEndian)
      for halt in 0..<12 as Range<UInt64> {
        perf.addHalt(at: 5_000_000_000 + halt * 20_000, cpu: UInt32(halt % 2))
      }
      perf.addLoss(3, at: 5_000_300_000)
      perf.addHalt(at: 5_000_400_000)
      perf.addName("CPU 0/KVM")
      perf.addRound()
      perf.addLostSamples(2)
      traces.append(("perf-file-\(isBigEndian)", perf.file))
      traces.append(("perf-pipe-\(isBigEndian)", perf.pipe))
    }
    traces.append(("text-ftrace", Array(ftrace.utf8)))
    // Enough halts for a replay, and for a latency of their own.
    let halts = FtraceLines.all(InventedHalts.events(40))
    traces.append(("text-halts", FtraceLines.file(["# tracer: nop"] + halts)))
    traces.append(("text-trace-cmd", Array(traceCmd.utf8)))
    traces.append(("text-perf-script", Array(perfScript.utf8)))
    return traces
  }()

  private static let ftrace = """
    # tracer: nop
    #
    # entries-in-buffer/entries-written: 7/9   #P:2
    #
    #           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
    #              | |         |   |||||     |         |
           CPU 0/KVM-9476    [000] d..2. 17223.552673: sched_switch: prev_comm=CPU 0/KVM prev_pid=9476 prev_prio=120 prev_state=S ==> next_comm=swapper/0 next_pid=0 next_prio=120
             waker 0-9477    [001] d..2. 17223.552702: sched_waking: comm=CPU 0/KVM pid=9476 prio=120 target_cpu=000
           CPU 0/KVM-9476    [000] ..... 17223.552730: kvm_halt_poll_ns: vcpu 0: halt_poll_ns 10000 (grow 0)
           CPU 0/KVM-9476    [000] ..... 17223.552731: kvm_vcpu_wakeup: wait time 60500 ns, polling valid
    CPU:1 [LOST 3 EVENTS]
           CPU 0/KVM-9476    [001] ..... 17223.552878: kvm_halt_poll_ns: vcpu 0: halt_poll_ns 20000 (grow 10000)
           CPU 0/KVM-9476    [001] ..... 17223.552879: kvm_vcpu_wakeup: poll time 17766 ns, polling valid
           CPU 0/KVM-9476    [001] ..... 17223.553051: kvm_halt_poll_ns: vcpu 0: halt_poll_ns 10000 (shrink 20000)
           CPU 0/KVM-9476    [001] ..... 17223.553052: kvm_vcpu_wakeup: wait time 365026 ns, polling invalid

    """

  private static let traceCmd = """
    cpus=2
           CPU 0/KVM-9476  [000] 17223.552730117: kvm_halt_poll_ns:     vcpu 0: halt_poll_ns 10000 (grow 0)
           CPU 0/KVM-9476  [000] 17223.552731205: kvm_vcpu_wakeup:      wait time 60500 ns, polling valid
           CPU 0/KVM-9476  [001] 17223.552878411: kvm_halt_poll_ns:     vcpu 0: halt_poll_ns 20000 (grow 10000)
           CPU 0/KVM-9476  [001] 17223.552879907: kvm_vcpu_wakeup:      wait time 137766 ns, polling valid

    """

  private static let perfScript = """
           CPU 0/KVM 15990 [001] 17705.291633419:       kvm:kvm_halt_poll_ns: vcpu 0: halt_poll_ns 10000 (grow 0)
           CPU 0/KVM 15990 [001] 17705.291634001:        kvm:kvm_vcpu_wakeup: wait time 60500 ns, polling valid
           CPU 0/KVM 15990 [001] 17705.291833419:     sched:sched_waking: comm=CPU 0/KVM pid=15990 prio=120 target_cpu=001
           CPU 0/KVM 15990 [001] 17705.291849933:        kvm:kvm_vcpu_wakeup: poll time 9500 ns, polling valid

    """
}
