import Testing

@testable import PollTrace
@testable import PollTraceFile

@Suite struct `A text about halts` {
  /// The events' words without what stands before them.
  private static let words = PlainText.lines.map { String($0.drop { $0 != "k" }) }

  @Test(arguments: [
    "[ 1000.136846] ", "[ 1000.136846][ T4711] ", "[Mon Nov 30 01:02:03 2026] ", "<6>[ 12.3] ",
    "Nov 30 01:02:03 host kernel: ",
  ])
  func `from the kernel log is refused as such`(prefix: String) throws {
    #expect(try PlainText.outcome(Self.words.map { prefix + $0 }) == .refused(.printk))
  }

  @Test func `without context is refused as such`() throws {
    #expect(try PlainText.outcome(Self.words) == .refused(.noContext))
    #expect(try PlainText.outcome(["# tracer: nop", "#"] + Self.words) == .refused(.noContext))
  }

  @Test(
    arguments: [
      ("Attaching 2 probes...\nkvm_vcpu_wakeup 50114 1 1\n", .bpftrace),
      ("PID     TID     COMM            FUNC\n1 2 x kvm_vcpu_wakeup ns=5\n", .bcc),
      ("# event histogram\n#\n{ ns: 50114 } hitcount: 1\n", .histogram),
      ("Performance counter stats for 'x':\n 1,234      kvm:kvm_vcpu_wakeup\n", .counters),
      (" kvm_vcpu_wakeup       1234\n", .counters),
      ("halt_successful_poll 12\nhalt_attempted_poll 13\n", .counters),
      ("  haltpoll.success.time=123\n", .counters),
      ("     0.310 kvm:kvm_vcpu_wakeup(ns: 5, waited: 1, valid: 1)\n", .perfTrace),
      (
        "{\n\t\"linux-perf-json-version\": 1,\n\t\"samples\": [\n\t\t{\n\t\t\t\"timestamp\": 1,\n"
          + "\t\t\t\"tid\": 4711,\n\t\t\t\"ns\": \"50114\"\n\t\t}\n\t]\n}\n", .perfJSON
      ),
      (
        "a-5 [0] 9.1: sched_waking: comm=b pid=6 prio=120 target_cpu=000\n"
          + "CPU 0/KVM-6 [0] 9.2: KVM_VCPU_WAKEUP: wait time 50114 ns, polling valid\n",
        .lacks("the events' names")
      ),
      ("I read of kvm_vcpu_wakeup.\n", .other),
    ] as [(String, UnreadableText)])
  func `of another tool is refused by its name`(text: String, form: UnreadableText) throws {
    #expect(try PlainText.outcome(text) == .refused(form))
  }

  @Test func `of thread 0 alone lacks its threads`() throws {
    let lines = PlainText.lines.map { $0.replacing("-4711", with: "-0000") }
    #expect(try PlainText.outcome(lines) == .refused(.lacks("the threads")))
  }

  @Test func `whose times are cut to milliseconds is of one vCPU`() throws {
    let lines = PlainText.lines.map { line in
      let point = line.index(after: line.lastIndex(of: ".") ?? line.startIndex)
      return line[...line.index(point, offsetBy: 2)] + line[line.index(point, offsetBy: 6)...]
    }.map { String($0) }
    #expect(try PlainText.outcome(lines) == PlainText.whole)
  }

  @Test func `that names an event in vain is never whole`() throws {
    let other = "CPU 0/KVM-4711 [000] ..... 1000.1: kvm_exit: reason HLT"
    for line in ["kvm_vcpu_wakeup: I wonder what it is", "a-5 [0] 9.1: **kvm_vcpu_wakeup**: x"] {
      let reader = try open(PlainText.file([other, line]))
      #expect(reader.ledger.count(of: .unreadLines) == 1)
    }
    let prose = ["I read of kvm_vcpu_wakeup."] + PlainText.lines
    #expect(try PlainText.outcome(prose) == PlainText.whole)
  }
}

@Suite struct `Several recordings in one text` {
  private static let later = PlainText.lines.map { $0.replacing("1000.", with: "91000.") }
  private static let header = ["# tracer: nop", "#"]

  @Test(
    arguments: [
      (PlainText.lines + PlainText.lines, 19),
      (header + PlainText.lines + header + PlainText.lines, 21),
      (["cpus=1"] + PlainText.lines + ["cpus=1"] + later, 20), (later + PlainText.lines, 19),
      (PlainText.lines.map { "a.dat: \($0)" } + later.map { "b.dat: \($0)" }, 19),
      (PlainText.lines.map { "host-a:\($0)" } + PlainText.lines.map { "host-b:\($0)" }, 19),
      (PlainText.lines.map { "host-1 | \($0)" } + next.map { "host-2 | \($0)" }, 19),
      (
        PlainText.lines.map { "Nov 30 01:02:03 host-a tracer[12]: \($0)" }
          + next.map { "Nov 30 01:02:03 host-b tracer[12]: \($0)" }, 19
      ),
    ] as [([String], UInt64)])
  func `are refused`(lines: [String], second: UInt64) throws {
    #expect(try PlainText.outcome(lines) == .refused(.severalRecordings(line: second)))
  }

  /// The same halts of another vCPU on another CPU, and later by a fifth of a second.
  private static let other = PlainText.lines.map {
    $0.replacing("CPU 0/KVM-4711", with: "CPU 1/KVM-4712").replacing("[000]", with: "[001]")
      .replacing("vcpu 0", with: "vcpu 1")
  }
  private static let next = PlainText.lines.map { $0.replacing("1000.1", with: "1000.3") }

  private static func counted(_ events: Int, cpus: Int = 2) -> [String] {
    [
      "# tracer: nop", "#",
      "# entries-in-buffer/entries-written: \(events)/\(events)   #P:\(cpus)", "#",
    ]
  }

  private static func perf(host: String, kernel: String = "6.1", on day: Int = 30) -> [String] {
    [
      "# ========", "# captured on    : Mon Nov \(day) 05:10:00 2026", "# hostname : \(host)",
      "# os release : \(kernel)", "# nrcpus online : 2", "# ========", "#",
    ]
  }

  @Test(
    arguments: [
      header, counted(18), counted(36) + ["#"], perf(host: "a"), ["cpus=2", "CPU 1 is empty"],
    ])
  func `are one where each is of another CPU`(header: [String]) throws {
    // A CPU's file counts the events of all CPUs.
    let whole = header.map { $0.replacing("18/18", with: "36/36") }
    let outcome = try PlainText.outcome(whole + PlainText.lines + whole + Self.other)
    #expect(outcome == .read(polled: 4, slept: 16, grows: 12, shrinks: 4, isWhole: true))
  }

  @Test(
    arguments: [
      (perf(host: "a"), perf(host: "b")), (perf(host: "a"), perf(host: "a", kernel: "6.12")),
      (perf(host: "a"), perf(host: "a", on: 29)),
      (["root@a:~# cat trace"], ["root@b:~# cat trace"]),
      (["uname: Linux a 6.1 x86_64"], ["uname: Linux b 6.1 x86_64"]), (counted(18), counted(18)),
      (counted(36), counted(36, cpus: 4)), (["cpus=2"], ["cpus=4"]),
    ])
  func `are refused as two hosts' where their headers say so, whatever CPUs and times they have`(
    one: [String], two: [String]
  ) throws {
    let line = UInt64(one.count + PlainText.lines.count + 1)
    #expect(
      try PlainText.outcome(one + PlainText.lines + two + Self.other)
        == .refused(.severalRecordings(line: line)))
  }

  @Test(arguments: [
    counted(18), perf(host: "a"), ["cpus=2"], ["[   12.345678] Dumping ftrace buffer:"],
  ])
  func `are refused where one goes on behind the other's end`(header: [String]) throws {
    #expect(
      try PlainText.outcome(header + PlainText.lines + header + Self.next)
        == .refused(.severalRecordings(line: UInt64(header.count) + 19)))
  }

  @Test func `are refused where a thread is of two processes`() throws {
    func lines(of process: Int, _ lines: [String]) -> [String] {
      lines.map { line in
        line.replacing("KVM-4711 ", with: "KVM  \(process)/4711 ").replacing("..... ", with: "")
          .replacing(": kvm_", with: ":     kvm:kvm_")
      }
    }
    let one = lines(of: 4_700, PlainText.lines)
    #expect(try PlainText.outcome(one) == PlainText.whole)
    #expect(
      try PlainText.outcome(one + lines(of: 5_700, Self.next))
        == .refused(.severalRecordings(line: 19)))
  }

  @Test func `of different CPUs, the earlier one behind the other, are not whole`() throws {
    let report = report(
      of: try open(PlainText.file(Self.later + Self.other)))
    #expect(report.ledger.count(of: .tracingPaused) == 1)
    #expect(report.duration == 2_826_000)
  }

  @Test func `of different CPUs are one where a CPU is quiet while another is not`() throws {
    // The second CPU's halts lie in the middle of the first one's pause, and all over it.
    let busy = (0..<60).flatMap { second in
      Self.other.map { $0.replacing(" 1000.", with: " \(1_001 + second * 1_500).") }
    }
    let report = report(of: try open(PlainText.file(PlainText.lines + Self.later + busy)))
    #expect(report.ledger.count(of: .tracingPaused) == 0)
  }

  @Test func `or one with a long pause are not whole, and rates are of the rest`() throws {
    let report = report(of: try open(PlainText.file(PlainText.lines + Self.later)))
    #expect(report.ledger.count(of: .tracingPaused) == 1)
    #expect(report.ledger.isIncomplete)
    #expect(report.duration == 2_826_000)
    #expect(report.vcpus.map(\.figures.gaps) == [1])
    #expect(report.vcpus.map(\.figures.fidelity.contradicted) == [0])
  }
}
