import Fixtures
import PerfettoTrace
import PollTraceAnalysis
import SwiftProtobuf
import Testing

@testable import PollTrace
@testable import PollTraceExport

/// The bytes of a timeline of `halts`, as the command writes them.
private func timeline(
  _ report: TraceReport, _ halts: (([ReportedHalt]) throws -> Void) throws -> Void
) throws -> PerfettoTrace {
  var timeline = try HaltTimeline(report)
  var bytes = timeline.beginning
  try halts { batch in try timeline.write(batch) { bytes += $0 } }
  return try PerfettoTrace(serializedBytes: bytes)
}

private func timeline(of fixture: String) throws -> (TimelineChecker, TraceReport) {
  var request = TraceAnalysis.Request()
  request.halts = true
  var analysis = try TraceAnalysis(
    path: Fixtures.trace(fixture), AnalysisOptions(), request, threads: 2)
  let decoded = try timeline(analysis.report) { take in
    let isAsItWas = try analysis.halts { batch throws(any Error) in try take(batch) }
    #expect(isAsItWas)
  }
  return (TimelineChecker(decoded), analysis.report)
}

/// A report on one vCPU of a VM called `name`, without figures.
private func report(vm name: Untrusted) -> TraceReport {
  var trace = TraceDescription(
    path: "-", format: "", clock: TraceDescription.Clock(name: "mono", isTime: true), cpus: 1)
  trace.names = [ThreadID(7): "wa\u{1b}ker"]
  let vcpu = VCPUReport(
    identity: VCPUIdentity(
      process: ProcessID(9), vm: name, vcpu: 3, thread: ThreadID(10), source: .trace),
    figures: Figures(), ceiling: 200_000, ceilingSource: .parameter)
  return TraceReport(
    trace: trace, tally: ReadTally(), duration: nil,
    settings: PollSettings(rules: .newest, parameters: effective.parameters),
    sources: ParameterSources(.recorded), decisionsAreRecorded: true, vcpus: [vcpu], leftOut: [],
    ledger: Ledger())
}

private let effective = EffectiveParameters(
  rules: .newest,
  parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2))

@Suite struct `A timeline` {
  @Test(arguments: [
    "exponential.dat", "lost.dat", "request.dat", "no-sched.dat", "off.dat", "floating.dat",
    "guest.dat", "linux-5.10.dat", "linux-7.2.dat", "perf-pipe.data.zst", "ftrace-text.txt.gz",
  ])
  func `keeps Perfetto's rules, and shows the report's halts`(fixture: String) throws {
    let (checker, report) = try timeline(of: fixture)
    #expect(checker.faults == [])
    let total = Figures(totalOf: report.vcpus.map(\.figures)).measures
    let halts = ["polled", "waited", "waited, poll abandoned", "woken at once"]
    #expect(halts.reduce(0) { $0 + checker.counts[$1, default: 0] } == Int(total.halts))
    #expect(checker.block == total.block.sum)
    #expect(checker.counts["grow", default: 0] == Int(total.grows))
    #expect(checker.counts["shrink", default: 0] == Int(total.shrinks))
    #expect(checker.counts["waking up", default: 0] == Int(total.wakeLatency.count))
    #expect(checker.tracks.values.count { $0.hasCounter } == report.vcpus.count)
  }

  @Test func `keeps them where halts overlap and time runs backwards`() throws {
    let slept = { (woke: UInt64, block: UInt64) in
      Halt(
        woke: Timestamp(woke), block: Nanoseconds(block), ending: .slept,
        decision: Decision(.grow, vcpu: 3, old: 10_000, new: 20_000), wakeLatency: 400,
        poll: .measured(2_000), waker: .taskElsewhere, wokenBy: ThreadID(7))
    }
    let halts = [slept(100_000, 50_000), slept(90_000, 80_000), slept(105_000, 200), slept(5, 9)]
    let decoded = try timeline(report(vm: "web1")) { take in
      try take(
        halts.map { halt in
          ReportedHalt(
            vcpu: 0,
            halt: WindowedHalt(halt, window: 10_000, left: 20_000, effective: effective))
        })
    }
    let checker = TimelineChecker(decoded)
    #expect(checker.faults == [])
    #expect(checker.counts["waited, poll abandoned"] == 4)
    #expect(checker.counts["wakes VM web1, vCPU 3"] == 4)
    #expect(
      checker.values.values.first == [
        10_000, 20_000, 10_000, 20_000, 10_000, 20_000, 10_000, 20_000,
      ])
  }

  @Test func `shows names as text`() throws {
    let decoded = try timeline(report(vm: "<b>\u{1b}[2J\nweb")) { take in
      let halt = Halt(
        woke: Timestamp(9_000), block: 1_000, ending: .slept, wakeLatency: 100,
        waker: .taskElsewhere, wokenBy: ThreadID(7))
      let windowed = WindowedHalt(halt, window: 0, left: 0, effective: effective)
      try take([ReportedHalt(vcpu: 0, halt: windowed)])
    }
    let tracks = TimelineChecker(decoded).tracks.values
    #expect(tracks.contains { $0.process.processName == "VM <b>\u{FFFD}[2J\u{FFFD}web" })
    #expect(tracks.contains { $0.thread.threadName == "wa\u{FFFD}ker" })
  }
}
