import Fixtures
import PollTraceFile
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// A text of `field/` and what was counted from it: each vCPU's halts that polled and slept, windows that
/// grew and shrank, in order of vCPUs; events, and the time from the first to the last.
private struct Counted: CustomTestStringConvertible {
  var name: String
  var vcpus: [[UInt64]]
  var events: UInt64
  var duration: Nanoseconds
  var cpus: Int? = 1

  var testDescription: String { name }

  static let one: [UInt64] = [2, 8, 6, 2]

  static let all: [Counted] = [
    Counted(
      name: "C-task-events", vcpus: [[0, 8, 6, 2], [2, 9, 6, 1]], events: 34,
      duration: 1_196_000),
    Counted(
      name: "D-pid-for-tid", vcpus: [[1, 11, 8, 3], [5, 9, 6, 1]], events: 44,
      duration: 1_923_000),
    Counted(name: "E-grep-colour", vcpus: [[12, 13, 9, 4]], events: 38, duration: 3_490_000),
    Counted(name: "F-seven-flags", vcpus: [one], events: 42, duration: 1_461_000, cpus: 2),
    Counted(name: "G-latency-format", vcpus: [one], events: 42, duration: 1_460_000, cpus: 2),
    Counted(name: "G-fields-option", vcpus: [one], events: 42, duration: 1_461_000, cpus: 2),
    Counted(
      name: "G-ts-diff", vcpus: [[16, 12, 9, 3]], events: 40, duration: 3_728_000, cpus: 2),
    Counted(
      name: "G-perf-ip-sym", vcpus: [[0, 8, 6, 2], [4, 9, 6, 1]], events: 36,
      duration: 1_298_000),
    Counted(name: "G-coloured-lines", vcpus: [one], events: 18, duration: 1_413_000, cpus: 2),
    Counted(name: "G-csv-quoted", vcpus: [one], events: 18, duration: 1_413_000),
    Counted(name: "G-no-break-spaces", vcpus: [one], events: 18, duration: 1_413_000, cpus: 2),
    Counted(name: "G-utf16", vcpus: [one], events: 18, duration: 1_413_000),
    Counted(
      name: "G-mail-wrapped", vcpus: [[1, 4, 3, 1]], events: 24, duration: 753_000, cpus: 2),
    Counted(
      name: "G-perf-no-cpu", vcpus: [[0, 8, 6, 2], [4, 9, 6, 1]], events: 36,
      duration: 1_298_000, cpus: nil),
    Counted(name: "G-oops-dump", vcpus: [one], events: 42, duration: 1_460_000, cpus: 2),
    Counted(
      name: "G-perf-trace", vcpus: [[0, 9, 6, 1], [0, 13, 6, 1]], events: 36,
      duration: 1_836_000, cpus: nil),
    Counted(name: "L-prose-last-line", vcpus: [one], events: 18, duration: 1_413_000),
  ]
}

@Suite struct `A text from the field` {
  private func report(_ name: String) throws -> TraceReport {
    try TraceAnalysis(path: Fixtures.field("\(name).txt"), AnalysisOptions(), threads: 2).report
  }

  @Test(arguments: Counted.all)
  private func `has the halts that a script of its own counted`(text: Counted) throws {
    let report = try report(text.name)
    let vcpus = report.vcpus.map { vcpu in
      let measures = vcpu.figures.measures
      return [measures.polled, measures.slept, measures.grows, measures.shrinks]
    }
    #expect(vcpus == text.vcpus)
    #expect(report.tally.events == text.events)
    #expect(report.duration == text.duration)
    #expect(report.trace.cpus == text.cpus)
    let fidelity = report.total.fidelity
    #expect(fidelity.reproduced == fidelity.recorded)
    #expect(fidelity.recorded == vcpus.reduce(0) { $0 + $1[2] + $1[3] })
    #expect(fidelity.refused == 0)
    #expect(!report.ledger.isIncomplete)
  }

  @Test func `with the VM's tasks tells the process of its vCPUs`() throws {
    let report = try report("C-task-events")
    #expect(report.vcpus.map(\.identity.process) == [ProcessID(4_700), ProcessID(4_700)])
    #expect(report.vcpus.map(\.identity.vcpu) == [0, 1])
  }

  @Test func `with processes for threads has no numbers of threads`() throws {
    let report = try report("D-pid-for-tid")
    #expect(report.vcpus.map(\.identity.process) == [ProcessID(4_700), ProcessID(4_700)])
    #expect(report.vcpus.allSatisfy { !$0.identity.thread.isKnown })
    #expect(report.ledger.count(of: .threadsByName) == 1)
  }

  @Test(
    arguments: [
      ("F-seven-flags", [4, 0, 4]), ("G-latency-format", [0, 0, 8]), ("G-oops-dump", [0, 0, 8]),
      ("G-fields-option", [0, 0, 8]),
    ] as [(String, [UInt64])])
  func `with flags tells who woke`(name: String, wakers: [UInt64]) throws {
    let measures = try report(name).total.measures
    #expect(
      [measures.wokenByInterrupt, measures.wokenOnSameCPU, measures.wokenFromElsewhere] == wakers)
  }

  @Test(arguments: ["G-perf-no-cpu", "G-perf-trace"])
  func `without CPUs says so`(name: String) throws {
    #expect(try report(name).ledger.count(of: .cpuUnknown) == 1)
  }

  @Test(arguments: [
    ("G-no-context", "context-info is off", "options/context-info"),
    ("G-tp-printk", "tp_printk", "cat /sys/kernel/tracing/trace"),
    ("N-two-boots", "another begins at line 29", "name them all"),
  ])
  func `of which nothing can be told is refused by name`(
    name: String, what: String, remedy: String
  ) throws {
    let error = #expect(throws: TraceFileError.self) { try report(name) }
    #expect(error?.problem.explanation.terminal.contains(what) == true)
    #expect(error?.problem.remedy.contains(remedy) == true)
  }
}
