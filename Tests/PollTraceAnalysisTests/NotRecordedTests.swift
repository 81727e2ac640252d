import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// A vCPU with halts of all kinds.
private let script: TraceScript = {
  var random = Randomness(seed: 1)
  var script = TraceScript()
  for _ in 0..<100 { script.halt(1_000, block: UInt64.random(in: 5_000...400_000, using: &random)) }
  return script
}()

extension [Event] {
  fileprivate var withoutDecisions: [Event] { filter { $0.what != .decision } }
}

@Suite struct `Decisions that were not recorded` {
  /// What must hold of the script's halts where only wake-ups are there.
  private func expectUnknown(
    _ report: TraceReport, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let figures = report.total
    #expect(figures.measures.halts == 100, sourceLocation: sourceLocation)
    #expect(figures.unknownWindows == 100, sourceLocation: sourceLocation)
    #expect(figures.windows.halts == 0, sourceLocation: sourceLocation)
    #expect(
      figures.kernelCounters.successfulPolls == script.truth.successfulPolls,
      sourceLocation: sourceLocation)
    #expect(
      figures.kernelCounters.successfulPollTime == script.truth.successfulPollTime,
      sourceLocation: sourceLocation)
    #expect(report.vcpus.map(\.ceilingSource) == [.parameter], sourceLocation: sourceLocation)
    #expect(!report.decisionsAreRecorded, sourceLocation: sourceLocation)
    #expect(report.ledger.count(of: .decisionsNotRecorded) == 1, sourceLocation: sourceLocation)
    #expect(report.ledger.isIncomplete, sourceLocation: sourceLocation)
  }

  @Test(arguments: [6, 7], [false, true])
  func `leave a trace.dat without windows, whether it describes them or not`(
    version: Int, isDescribed: Bool
  ) throws {
    var builder = TraceBuilder(script.sorted.withoutDecisions)
    builder.version = version
    builder.hasDecisionFormat = isDescribed
    expectUnknown(try report(of: builder.file))
  }

  @Test func `leave a text without windows`() throws {
    expectUnknown(
      try report(of: FtraceLines.file(FtraceLines.of(script.sorted.withoutDecisions))))
  }

  @Test(arguments: [false, true])
  func `leave a perf.data without windows`(isPipe: Bool) throws {
    var builder = PerfBuilder()
    for event in script.sorted where event.what == .wakeup {
      builder.addHalt(
        at: event.time.rawValue, cpu: event.cpu.rawValue, block: event.block.rawValue,
        ending: event.ending)
    }
    builder.addRound()
    expectUnknown(try report(of: isPipe ? builder.pipe : builder.file))
  }

  @Test func `are not taken for a ceiling of 0 where no halt polls either`() throws {
    var script = TraceScript()
    for index in 0..<100 as Range<UInt64> { script.halt(1_000, block: 300_000 + index * 1_000) }
    let report = try report(of: FtraceLines.file(FtraceLines.of(script.sorted.withoutDecisions)))
    #expect(report.total.unknownWindows == 100)
    #expect(report.vcpus.map(\.ceiling) == [200_000])
    #expect(report.ledger.count(of: .decisionsNotRecorded) == 1)
  }

  @Test func `were recorded where another vCPU has some, or the recorder says so`() throws {
    var two = script
    for index in 0..<100 as Range<UInt64> {
      two.ownCeilings[ThreadID(1_001)] = 0
      two.halt(1_001, block: 150_000 + index * 1_000)
    }
    let shown = try report(of: FtraceLines.file(FtraceLines.of(two.sorted)))
    #expect(shown.vcpus.map(\.figures.unknownWindows) == [0, 0])
    // The one that decides has the id that its decisions say, the other that of its name.
    #expect(shown.vcpus.map(\.identity.vcpu) == [0, 1_000])
    #expect(shown.vcpus.map(\.ceiling) == [0, 200_000])
    var builder = TraceBuilder(two.sorted.filter { $0.subject == ThreadID(1_001) })
    builder.add(
      option: 9,
      """
      polltrace.facts/1
      host name=h boot=b kernel=6.18.0 arch=x86_64
      recording clock=mono began=1000000 ended=90000000 sched=1
      parameters since=1 halt_poll_ns=200000 grow=2 grow_start=10000 shrink=2
      vcpu tid=1001 pid=900 vm=web1 id=0

      """)
    let stated = try report(of: builder.file)
    #expect(stated.decisionsAreRecorded)
    #expect(stated.vcpus.map(\.ceiling) == [0])
    #expect(stated.total.unknownWindows == 0)
    #expect(!stated.ledger.isIncomplete)
  }

  @Test func `without wake-ups are counted as what they are`() throws {
    let decisions = script.sorted.filter { $0.what == .decision }
    let report = try report(of: FtraceLines.file(FtraceLines.of(decisions)))
    #expect(report.total.measures.halts == 0)
    #expect(report.ledger.count(of: .decisionWithoutWakeup) == UInt64(decisions.count))
    #expect(report.ledger.count(of: .decisionsNotRecorded) == 0)
    #expect(report.ledger.isIncomplete)
  }
}
