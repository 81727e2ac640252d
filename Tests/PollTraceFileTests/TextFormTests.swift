import Testing

@testable import PollTrace
@testable import PollTraceFile

/// How perf prints each line with other fields.
private struct Fields: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var line: @Sendable (String) -> String

  init(_ name: String, _ line: @escaping @Sendable (String) -> String) {
    (testDescription, self.line) = (name, line)
  }

  static let all = [
    Fields("comm,tid,cpu,time,event,trace") { $0 },
    Fields("without comm") { $0.replacing("CPU 0/KVM", with: "") },
    Fields("without comm, at the line's begin") { $0.replacing(#/ *CPU 0\/KVM */#, with: "") },
    Fields("pid,tid") { $0.replacing(" 4711", with: " 4700/4711") },
    Fields("pid,tid without comm") { $0.replacing(#/ *CPU 0\/KVM */#, with: "4700/") },
    Fields("period") { $0.replacing("     kvm:", with: "          1     kvm:") },
    Fields("misc") { $0.replacing("[000]", with: "[000] K    ") },
    Fields("ip,sym") { $0 + " ffffffffc0802033 kvm_vcpu_halt" },
    Fields("ip,sym,symoff,dso") { $0 + " ffffffffc0802033 kvm_vcpu_halt+0x33 ([kvm])" },
    Fields("iregs") { $0 + " ABI:2    AX:0x1    BX:0x0" },
    Fields("call chains") {
      $0 + "\n\tffffffffc0802033 kvm_vcpu_halt+0x33 ([kvm])\n\tffffffff81c0 vcpu_run ([kvm])\n"
    },
    Fields("without cpu") { $0.replacing("[000] ", with: "") },
    Fields("pid,tid without cpu") {
      $0.replacing(" 4711", with: " 4700/4711").replacing("[000] ", with: "")
    },
    Fields("without time") { $0.replacing(#/ 1000\.\d+:/#, with: "") },
  ]
}

@Suite struct `A line of perf script` {
  @Test(arguments: Fields.all)
  private func `is read with whatever fields it has`(fields: Fields) throws {
    let lines = PlainText.perf.map(fields.line)
    #expect(try PlainText.outcome(lines) == PlainText.whole)
    let reader = try open(PlainText.file(lines))
    #expect(reader.ledger.count(of: .foreignLines) == 0)
    #expect(reader.description.clock.isTime == (fields.testDescription != "without time"))
    #expect((reader.description.cpus == nil) == fields.testDescription.contains("without cpu"))
  }

  @Test(arguments: [
    ("[000] ", " 4711", "the threads"),
    ("kvm:kvm_vcpu_wakeup: ", "kvm:kvm_halt_poll_ns: ", "the events' names"),
  ])
  func `without what tells halts apart is refused`(
    first: String, second: String, what: String
  ) throws {
    let lines = PlainText.perf.map { line in
      what == "the threads"
        ? line.replacing(second, with: "")
        : line.replacing(first, with: "").replacing(second, with: "")
    }
    #expect(try PlainText.outcome(lines) == .refused(.lacks(what)))
  }

  @Test func `that stands for several events is one of a filtered recording`() throws {
    let lines = PlainText.perf.map { $0.replacing("     kvm:", with: "        100     kvm:") }
    let reader = try open(PlainText.file(lines))
    #expect(reader.ledger.count(of: .filteredEvents) == 1)
    let report = report(of: reader)
    #expect(report.ledger.isIncomplete)
    #expect(report.vcpus.map(\.figures.measures.slept) == [8])
  }

  @Test func `with differences for times is refused`() throws {
    let lines = PlainText.perf.enumerated().map { number, line in
      line.replacing(#/1000\.\d+:/#, with: "   0.000\(100 + number * 337 % 800):")
    }
    #expect(try PlainText.outcome(lines) == .refused(.differences))
  }

  @Test func `with its process for its thread goes by its name`() throws {
    let other = PlainText.perf.map {
      $0.replacing("CPU 0/", with: "CPU 1/").replacing("vcpu 0", with: "vcpu 1")
    }
    let both = zip(PlainText.perf, other).flatMap { [$0, $1] }
    let reader = try open(PlainText.file(both))
    let report = report(of: reader)
    #expect(report.vcpus.map(\.identity.vcpu) == [0, 1])
    #expect(report.vcpus.map(\.identity.process) == [ProcessID(4_711), ProcessID(4_711)])
    #expect(report.vcpus.map(\.figures.measures.slept) == [8, 8])
    #expect(report.vcpus.map(\.figures.fidelity.contradicted) == [0, 0])
    #expect(reader.ledger.count(of: .threadsByName) == 1)
  }

  @Test func `with its process for its thread has the thread that a switch names`() throws {
    func switched(_ vcpu: Int, _ time: Int) -> String {
      "       CPU \(vcpu)/KVM  4711 [000]  1000.\(time):  sched:sched_switch: "
        + "prev_comm=CPU \(vcpu)/KVM prev_pid=\(4_800 + vcpu) prev_prio=120 prev_state=S ==> "
        + "next_comm=swapper/0 next_pid=0 next_prio=120"
    }
    let reader = try open(
      PlainText.file(PlainText.perf + [switched(0, 138_300), switched(1, 138_301)]))
    let report = report(of: reader)
    #expect(report.vcpus.map(\.identity.thread) == [ThreadID(4_800)])
    #expect(report.vcpus.map(\.identity.process) == [ProcessID(4_711)])
  }

  @Test func `of two vCPUs of one process and name is refused`() throws {
    let other = PlainText.perf.map { $0.replacing("vcpu 0", with: "vcpu 1") }
    let both = zip(PlainText.perf, other).flatMap { [$0, $1] }
    #expect(try PlainText.outcome(both) == .refused(.processes))
  }
}

@Suite struct `A line in another form` {
  private static var digits: Regex<(Substring, Substring, Substring)> { #/1000\.(\d{3})(\d{3}): /# }

  @Test func `of latency-format is read`() throws {
    let lines = PlainText.lines.map { line in
      line.replacing("       CPU 0/KVM-4711    [000] .....  ", with: "CPU 0/KV-4711      0..... ")
        .replacing(Self.digits) { "\($0.output.1)\($0.output.2)us+: " }
    }
    #expect(try PlainText.outcome(lines) == PlainText.whole)
    let dumped = lines.enumerated().map { "[ 1001.20\(1_000 + $0)] \($1)" }
    #expect(try PlainText.outcome(["[ 1001.2] Dumping ftrace buffer:"] + dumped) == PlainText.whole)
  }

  @Test func `of latency-format with verbose is read`() throws {
    let lines = PlainText.lines.map { line in
      line.replacing("-4711    [000] .....  ", with: "    4711   0 0 00000000 0000002a ")
        .replacing(Self.digits) { "[3b9aca07] \($0.output.1).\($0.output.2)ms (+0.010ms): " }
    }
    #expect(try PlainText.outcome(lines) == PlainText.whole)
  }

  @Test func `of the fields option is read`() throws {
    let lines = PlainText.lines.map { line in
      line.replacing(#/(wait|poll) time (\d+) ns, polling valid/#) {
        "ns=0x\(String(Int($0.output.2) ?? 0, radix: 16)) (\($0.output.2)) "
          + "waited=(\($0.output.1 == "wait" ? 1 : 0)) valid=(1)"
      }
      .replacing(#/vcpu 0: halt_poll_ns (\d+) \((grow|shrink) (\d+)\)/#) {
        "grow=(\($0.output.2 == "grow" ? 1 : 0)) vcpu_id=0x0 (0) "
          + "new=0x\(String(Int($0.output.1) ?? 0, radix: 16)) (\($0.output.1)) old=\($0.output.3)"
      }
    }
    #expect(try PlainText.outcome(lines) == PlainText.whole)
  }

  @Test(arguments: [
    ("....", ".... ", false), ("d.h.", "", true), ("d..h...", "", true), ("dn.h413", "", true),
    ("d.h.1", "", true), ("d..h1.", "", true), ("d.hh..3", "", true),
  ])
  func `has its flag for interrupts in the column that its number of flags tells`(
    flags: String, _: String, isInterrupt: Bool
  ) throws {
    let reader = try open(
      "a-5 [001] \(flags) 9.000001: sched_waking: comm=b pid=12 prio=120 target_cpu=003\n".utf8)
    let context: WakingContext = isInterrupt ? .interrupt : .task
    #expect(
      everything(in: reader).events.first?.kind
        == .waking(woken: ThreadID(12), target: CPU(3), context: context))
  }

  @Test func `has its flag for interrupts where the header says`() throws {
    let header = """
      # tracer: nop
      #                                _-----=> irqs-off
      #                               / _----=> need-resched
      #                              | / _---=> need-resched-lazy
      #                              || / _--=> hardirq/softirq
      #                              ||| / _-=> preempt-depth
      """
    let reader = try open(
      "\(header)\na-5 [001] d..h1 9.000001: sched_waking: comm=b pid=12 prio=120 target_cpu=003\n"
        .utf8)
    #expect(everything(in: reader).events.first?.context == .interrupt)
  }

  @Test func `that holds two events is refused`() throws {
    let pairs = stride(from: 0, to: 18, by: 2).map {
      "\(PlainText.lines[$0]) \(PlainText.lines[$0 + 1])"
    }
    #expect(try PlainText.outcome(pairs) == .refused(.joinedLines))
  }

  @Test func `that is no sample has no part in the trace's time`() throws {
    let records = [
      "         swapper     0 [003]     0.000000: PERF_RECORD_MMAP -1/0: [0x0(0x1) @ 0]: x y",
      "             vmm  4700 [002]   900.000000: PERF_RECORD_COMM exec: vmm:4700/4700",
      "             vmm  4700 [002]   900.000001: PERF_RECORD_FORK(4700:4711):(4700:4700)",
      "             vmm  4700 [002]  2000.000000: PERF_RECORD_EXIT(4700:4711):(4699:4699)",
      "             vmm  4700 [002]  2000.000001: PERF_RECORD_SWITCH OUT",
    ]
    let reader = try open(PlainText.file(records + PlainText.perf + records))
    let report = report(of: reader)
    #expect(report.tally.events == 18)
    #expect(report.duration == 1_413_000)
    #expect(report.trace.cpus == 1)
    #expect(report.vcpus.map(\.identity.process) == [ProcessID(4_700)])
    #expect(!report.ledger.isIncomplete)
  }
}

@Suite struct `A thread whose name perf does not know` {
  @Test func `is one thread when it gets a name`() throws {
    let lines = PlainText.perf.enumerated().map { number, line in
      number < 4 ? line.replacing("CPU 0/KVM", with: "    :4711") : line
    }
    let reader = try open(PlainText.file(lines))
    #expect(report(of: reader).vcpus.map(\.identity.thread) == [ThreadID(4_711)])
    #expect(reader.ledger.count(of: .threadsByName) == 0)
  }
}
