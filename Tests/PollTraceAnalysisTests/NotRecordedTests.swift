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

}

@Suite struct `Decisions without wake-ups` {
  /// What must hold of the script's decisions where only they are there.
  private func expectKnown(
    _ report: TraceReport, decisions: [Event] = script.sorted.filter { $0.what == .decision },
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let figures = report.total
    let moves = decisions.map(\.decision)
    #expect(
      !report.wakeupsAreRecorded && !figures.wakeupsAreRecorded, sourceLocation: sourceLocation)
    #expect(figures.measures.halts == 0, sourceLocation: sourceLocation)
    #expect(
      figures.measures.grows == UInt64(moves.count { $0.move == .grow }),
      sourceLocation: sourceLocation)
    #expect(
      figures.measures.shrinks == UInt64(moves.count { $0.move == .shrink }),
      sourceLocation: sourceLocation)
    #expect(
      figures.windows.widestKnown
        == moves.map { max($0.old, min($0.new, report.parameters.ceiling)) }.max(),
      sourceLocation: sourceLocation)
    #expect(figures.fidelity.recorded == UInt64(moves.count), sourceLocation: sourceLocation)
    #expect(figures.fidelity.reproduced == UInt64(moves.count), sourceLocation: sourceLocation)
    #expect(figures.gaps == 0, sourceLocation: sourceLocation)
    #expect(report.ledger.count(of: .wakeupsNotRecorded) == 1, sourceLocation: sourceLocation)
    #expect(report.ledger.count(of: .decisionWithoutWakeup) == 0, sourceLocation: sourceLocation)
    #expect(report.ledger.count(of: .decisionsNotRecorded) == 0, sourceLocation: sourceLocation)
    #expect(report.ledger.isIncomplete, sourceLocation: sourceLocation)
  }

  @Test(arguments: [6, 7], [false, true])
  func `tell the windows of a trace.dat`(version: Int, isDescribed: Bool) throws {
    var builder = TraceBuilder(script.sorted.filter { $0.what == .decision })
    builder.version = version
    builder.hasWakeupFormat = isDescribed
    expectKnown(try report(of: builder.file))
  }

  @Test(arguments: [false, true])
  func `tell the windows of a perf.data`(isPipe: Bool) throws {
    var builder = PerfBuilder()
    builder.tracepoints = [PerfBuilder.decision]
    for event in script.sorted where event.what == .decision {
      let decision = event.decision
      builder.addDecision(
        at: event.time.rawValue, decision.move, old: decision.old, new: decision.new)
    }
    builder.addRound()
    expectKnown(try report(of: isPipe ? builder.pipe : builder.file))
  }

  @Test func `show the parameters, and how long each window was`() throws {
    var script = TraceScript()
    script.settings.changes[0].parameters = PollParameters(
      ceiling: 100_000, grow: 3, growStart: 7_000, shrink: 4)
    for block in [
      30_000, 60_000, 80_000, 99_000, 300_000, 30_000, 500_000, 60_000, 90_000, 300_000, 400_000,
    ] as [UInt64] {
      script.halt(1_000, block: block)
    }
    let decisions = script.sorted.filter { $0.what == .decision }
    let report = try report(of: FtraceLines.file(FtraceLines.of(decisions)))
    expectKnown(report, decisions: decisions)
    #expect(report.parameters.grow == 3)
    #expect(report.parameters.growStart == 7_000)
    #expect(report.parameters.shrink == 4)
    #expect(report.sources.grow == .inferred)
    // Each window lasts from its decision to the next one.
    var expected: [UInt32: UInt64] = [:]
    for (decision, next) in zip(decisions, decisions.dropFirst()) {
      expected[min(decision.decision.new, 100_000), default: 0] +=
        (next.time - decision.time).rawValue
    }
    let times = report.total.windows.times.reduce(into: [:]) { $0[$1.window] = $1.time }
    #expect(times.filter { $0.value > 0 } == expected.filter { $0.value > 0 })
  }

  @Test func `that do not join show that some are missing`() throws {
    let decisions = script.sorted.filter { $0.what == .decision }
    let place = try #require(
      decisions.indices.dropFirst(5).first {
        decisions[$0].decision.old != decisions[$0].decision.new
      })
    var cut = decisions
    cut.remove(at: place)
    let report = try report(of: FtraceLines.file(FtraceLines.of(cut)))
    #expect(report.total.gapsShown == 1)
    #expect(report.ledger.count(of: .missingEvents) == 1)
    #expect(report.total.fidelity.reproduced == UInt64(cut.count))
    #expect(report.total.fidelity.contradicted == 0)
  }

  @Test func `are not taken for all there is where some wake-up is left`() throws {
    let first = try #require(script.sorted.firstIndex { $0.what == .wakeup })
    let events = script.sorted.enumerated().filter { $0 == first || $1.what == .decision }
      .map(\.element)
    let report = try report(of: FtraceLines.file(FtraceLines.of(events)))
    #expect(report.wakeupsAreRecorded)
    #expect(report.total.measures.halts == 1)
    #expect(report.ledger.count(of: .decisionWithoutWakeup) > 0)
    #expect(report.ledger.isIncomplete)
  }
}
