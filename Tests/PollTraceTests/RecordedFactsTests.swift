import Testing

@testable import PollTrace

@Suite struct `Recorded facts` {
  @Test func `come back from their text as they were`() {
    var facts = RecordedFacts()
    facts.recorder = "polltrace 0.1.0"
    facts.host = "host with space=100%"
    facts.kernel = "6.18.44"
    facts.cpuModel = "AMD EPYC = 9"
    facts.beganUTC = Timestamp(1_796_015_990_193_315_362)
    facts.module = KVMModule(
      linkage: .module, access: [.writable, .readOnly, .absent, nil],
      tunedProfile: "/etc/tuned/my vms/tuned.conf")
    facts.clock = "mono"
    facts.began = Timestamp(5)
    facts.hasSchedulerEvents = true
    facts.hasIdleSwitches = true
    facts.parameters = [
      .init(
        since: Timestamp(7),
        parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2))
    ]
    facts.vcpus = [
      .init(thread: ThreadID(12), process: ProcessID(10), vm: "<web\n1>", vcpu: 0, uuid: "4f3a"),
      .init(
        thread: ThreadID(13), process: ProcessID(10), vm: "", vcpu: nil, affinity: CPUSet("0-3,8")),
    ]
    facts.idleSwitchSpans = [
      .init(since: Timestamp(5), until: Timestamp(9)),
      .init(since: Timestamp(9), until: Timestamp(.max), cpus: CPUSet("1")),
    ]
    facts.topology = CPUTopology(
      online: CPUSet([CPU(0), CPU(1), CPU(2), CPU(3)]),
      groups: ["0-1", "2-3"].compactMap { CPUSet($0) }.map { .init(kind: "l3", cpus: $0) })
    facts.losses = [.init(cpu: CPU(3), events: 9)]
    facts.trial = [.init(round: 2, setting: 1, begin: Timestamp(11), end: Timestamp(12))]
    facts.isCutOff = true
    var ledger = Ledger()
    let back = RecordedFacts(text: facts.text, ledger: &ledger)
    #expect(back == facts)
    #expect(ledger == Ledger())
    #expect(
      facts.text.contains(
        "\nkvm linked=module halt_poll_ns=rw grow=ro grow_start=none "
          + "tuned=/etc/tuned/my%20vms/tuned.conf\n"))
  }

  @Test func `of an older recorder say whether switches with the idle task were taken`() {
    var ledger = Ledger()
    let all = RecordedFacts(
      text: "polltrace.facts/1\nrecording sched=1 idle_switches=1\n", ledger: &ledger)
    #expect(all?.idleSwitches == .always)
    let none = RecordedFacts(text: "polltrace.facts/1\nrecording sched=1\n", ledger: &ledger)
    #expect(none?.idleSwitches == IdleSwitches([]))
    #expect(ledger == Ledger())
  }

  @Test(arguments: ["since=5", "since=5 until=9 cpus=x", "until=x since=2"])
  func `that cannot be read do not make switches known`(line: String) {
    var ledger = Ledger()
    let facts = RecordedFacts(
      text: "polltrace.facts/1\nidle_switches \(line)\n", ledger: &ledger)
    #expect(facts?.idleSwitches == IdleSwitches([]))
    #expect(ledger.entries.map(\.kind) == [.unreadableFacts])
  }

  @Test func `of an older recorder do not say how the kernel has kvm`() {
    var ledger = Ledger()
    let facts = RecordedFacts(
      text: "polltrace.facts/1\nhost name=h kernel=5.0.2 arch=aarch64\n", ledger: &ledger)
    #expect(facts != nil && facts?.module == nil)
    var trace = TraceDescription(
      path: "", format: "", clock: .init(name: "mono", isTime: true), cpus: 1)
    trace.facts = facts
    #expect(
      trace.module == KVMModule(linkage: .builtIn, access: [.writable, nil, nil, nil]))
  }

  /// Characters at which a text of Unicode is cut, or that become one with what is before them.
  private static let odd = [
    "a\u{85}b", "a\u{2028}b\u{2029}c", "\u{301}a", "a\u{301}", "\u{b}\u{c}\r\n", "a\u{a0}b\u{3000}",
    "%e9",
    "é 世界=🖥\u{fe0f}", "\u{200d}", "\u{20e3}", "a\tb\u{0}c\u{7f}", "",
  ]

  @Test(arguments: odd)
  func `keep names of any characters`(name: String) {
    var facts = RecordedFacts()
    facts.host = Untrusted(name)
    facts.vcpus = [
      .init(thread: ThreadID(12), process: ProcessID(10), vm: Untrusted(name), vcpu: 3),
      .init(thread: ThreadID(13), process: ProcessID(10), vm: Untrusted(name + name), vcpu: nil),
    ]
    var ledger = Ledger()
    let back = RecordedFacts(text: facts.text, ledger: &ledger)
    func names(_ facts: RecordedFacts?) -> [[UInt8]]? {
      facts?.vcpus.map { Array($0.vm.unescaped.utf8) }
    }
    #expect(names(back) == names(facts))
    #expect(back?.vcpus.map(\.vcpu) == [3, nil])
    #expect(back.map { Array($0.host.unescaped.utf8) } == Array(name.utf8))
    #expect(ledger == Ledger())
    // Any reader may cut it where it likes.
    #expect(facts.text.utf8.allSatisfy { $0 < 0x7f })
  }

  @Test(arguments: ["a\u{85}b", "a\u{2028}b", "\u{301}a", "é世界"])
  func `are read from files that older recorders wrote`(name: String) {
    var ledger = Ledger()
    let facts = RecordedFacts(
      text: "polltrace.facts/1\nvcpu tid=12 pid=10 vm=\(name) id=3\n", ledger: &ledger)
    #expect(facts?.vcpus.first.map { Array($0.vm.unescaped.utf8) } == Array(name.utf8))
    #expect(facts?.vcpus.first?.vcpu == 3)
    #expect(ledger == Ledger())
  }

  @Test func `skip unknown words and count lines that cannot be read`() {
    var ledger = Ledger()
    let facts = RecordedFacts(
      text: "polltrace.facts/1\nfuture a=1\nvcpu tid=x pid=2\nlost cpu=0 events=3\n",
      ledger: &ledger)
    #expect(facts?.losses == [.init(cpu: CPU(0), events: 3)])
    #expect(facts?.isCutOff == false)
    #expect(ledger.count(of: .unreadableFacts) == 1)
  }

  @Test func `are not found in other text`() {
    var ledger = Ledger()
    #expect(RecordedFacts(text: "trace-cmd 3.1.6", ledger: &ledger) == nil)
  }
}
