import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

@Suite struct `A guest's trace` {
  /// A halt of 60 µs, a poll in vain with a halt, a poll that met its event, on CPU 1; CPU 0 wakes it.
  private static let events: [Event] = {
    let steps: [(UInt64, Event.Kind)] = [
      (1_000, .idleEntered(state: 1)), (61_000, .idleLeft(hasWork: true)),
      (61_000, .guestDecision(.init(.grow, old: 0, new: 50_000))),
      (70_000, .idleEntered(state: 0)), (121_000, .idleLeft(hasWork: false)),
      (122_000, .idleEntered(state: 1)), (152_000, .idleLeft(hasWork: true)),
      (160_000, .idleEntered(state: 0)), (167_000, .idleLeft(hasWork: true)),
      (180_000, .idleEntered(state: 0)), (181_000, .idleLeft(hasWork: true)),
    ]
    let cpu = steps.map { Event(time: Timestamp($0), cpu: CPU(1), thread: .idle, kind: $1) }
    let sent = Event(
      time: Timestamp(41_000), cpu: CPU(0), thread: ThreadID(9), kind: .interrupted(target: CPU(1)))
    return (cpu + [sent]).sorted { $0.time < $1.time }
  }()

  private func builder() -> TraceBuilder {
    var builder = TraceBuilder(Self.events)
    builder.hasGuestEvents = true
    return builder
  }

  /// `tells` says whether the trace tells what woke a CPU, and whether there was work: without that the last
  /// poll may have run out as well.
  private func check(_ report: TraceReport, tells: Bool = true) throws {
    let guest = try #require(report.guest)
    #expect(report.vcpus.isEmpty)
    #expect(guest.cpus.map(\.cpu) == [CPU(1)])
    let total = guest.total
    let polled: (idles: UInt64, time: Nanoseconds) = tells ? (2, 8_000) : (1, 7_000)
    #expect((total.idles, total.polled, total.halted) == (polled.idles + 2, polled.idles, 2))
    #expect(total.polls == polled.idles + 1)
    #expect((total.successTime, total.failTime) == (polled.time, 51_000))
    #expect(total.halt.sum == 90_000)
    #expect((total.fidelity.recorded, total.fidelity.reproduced) == (1, 1))
    #expect(total.fidelity.contradicted == 0)
    #expect(total.wakeLatency.most == (tells ? 20_000 : 0))
    #expect(!report.ledger.isIncomplete)
  }

  @Test(arguments: [6, 7], [false, true])
  func `is told CPU by CPU`(version: Int, isBigEndian: Bool) throws {
    var builder = builder()
    builder.version = version
    builder.isBigEndian = isBigEndian
    try check(report(of: builder.file))
    #expect(try report(of: builder.file).guest?.sources.overall == .assumed)
  }

  /// As tracefs and trace-cmd print it, which has no flags that every reader knows.
  @Test func `is told from a text`() throws {
    let lines = Self.events.compactMap { event -> String? in
      let words: String
      switch event.kind {
      case .idleEntered(let state): words = "cpu_idle: state=\(state) cpu_id=1"
      case .idleLeft: words = "cpu_idle: state=4294967295 cpu_id=1"
      case .guestDecision(let decision):
        words =
          "guest_halt_poll_ns: halt_poll_ns \(decision.new) (\(decision.move) \(decision.old))"
      default: return nil
      }
      let digits = String(1_000_000_000 + event.time.rawValue).dropFirst()
      return "          <idle>-0     [001] d..1.    10.\(digits): \(words)"
    }
    try check(report(of: FtraceLines.file(lines)), tells: false)
  }

  @Test func `obeys the parameters that its recorder saw`() throws {
    var ledger = Ledger()
    let facts = """
      polltrace.facts/1
      host name=g boot=b kernel=6.18.0 arch=x86_64
      guest driver=haltpoll governor=haltpoll states=POLL,haltpoll%20idle
      guest_parameters guest_halt_poll_ns=0 grow=2 grow_start=50000 shrink=2 allow_shrink=N
      guest_parameters since=60000 not_before=500 guest_halt_poll_ns=50000 grow=2 grow_start=50000 \
      shrink=2 allow_shrink=Y

      """
    let read = try #require(RecordedFacts(text: facts, ledger: &ledger))
    #expect(ledger == Ledger())
    #expect(RecordedFacts(text: read.text, ledger: &ledger) == read)
    let guest = try #require(read.guest)
    #expect(guest.states == ["POLL", "haltpoll idle"])
    #expect(guest.parameters.map(\.parameters.most) == [0, 50_000])
    #expect(guest.parameters.map(\.parameters.allowsShrink) == [false, true])
    var builder = builder()
    builder.add(option: 9, facts)
    let report = try report(of: builder.file)
    #expect(report.guest?.sources.overall == .recorded)
    // A halt of 60 µs is longer than 50 µs: it would have shrunk a limit, not grown one.
    #expect(report.ledger.count(of: .contradiction) == 0)
    #expect(report.guest?.total.fidelity.delayed == 1)
  }

  @Test func `lacks the halts that the kernel counted and did not trace`() throws {
    let facts = """
      polltrace.facts/1
      guest driver=haltpoll governor=haltpoll states=POLL,C1
      guest_parameters guest_halt_poll_ns=50000 grow=2 grow_start=50000 shrink=2 allow_shrink=Y
      guest_cpu cpu=0 halts=400
      guest_cpu cpu=1 halts=12

      """
    var ledger = Ledger()
    let read = try #require(RecordedFacts(text: facts, ledger: &ledger))
    #expect(RecordedFacts(text: read.text, ledger: &ledger) == read)
    #expect(ledger == Ledger())
    var builder = builder()
    builder.add(option: 9, facts)
    let report = try report(of: builder.file)
    // CPU 1 halted twice in the trace; ten more may lie at its ends.
    #expect(report.ledger.count(of: .idlesNotTraced) == 400)
    #expect(report.ledger.isIncomplete)
  }

  @Test func `without its recorder's word and without decisions is none`() throws {
    var builder = TraceBuilder(Self.events.filter { $0.what != .guestDecision })
    builder.hasGuestEvents = true
    let report = try report(of: builder.file)
    #expect(report.guest == nil)
    #expect(report.absence == .noHalts)
  }

  @Test func `of a machine that runs VMs is a host's`() throws {
    let halt = Event(
      time: Timestamp(500_000), cpu: CPU(0), thread: ThreadID(77),
      kind: .wakeup(block: 1_000, ending: .slept, isValid: true))
    var builder = TraceBuilder(Self.events + [halt])
    builder.hasGuestEvents = true
    let report = try report(of: builder.file)
    #expect(report.guest == nil)
    #expect(report.vcpus.count == 1)
  }
}
