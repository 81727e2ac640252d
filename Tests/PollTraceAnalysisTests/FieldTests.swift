import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// A trace of `field/` read to its report.
private func field(_ name: String) throws -> TraceReport {
  try TraceAnalysis(path: Fixtures.field(name), AnalysisOptions(), threads: 2).report
}

/// Halts that polled and slept, windows that grew and shrank.
private func counts(_ figures: Figures) -> [UInt64] {
  let measures = figures.measures
  return [measures.polled, measures.slept, measures.grows, measures.shrinks]
}

@Suite struct `A trace from the field` {
  @Test(arguments: ["A-wakeups-only.txt", "A-wakeups-only.dat"])
  func `without decisions has no windows, and says so`(name: String) throws {
    let report = try field(name)
    let figures = report.total
    #expect(counts(figures) == [30, 20, 0, 0])
    #expect(!report.decisionsAreRecorded && !figures.decisionsAreRecorded)
    // Those that ended without sleep polled, whatever the window was.
    #expect(figures.kernelCounters.successfulPolls == 30)
    #expect(figures.kernelCounters.successfulPollTime == 2_233_199)
    #expect(figures.unknownWindows == 50)
    #expect(figures.windows.halts == 0)
    #expect(figures.fidelity.refused == 0)
    #expect(report.vcpus.map(\.ceiling) == [200_000])
    #expect(report.vcpus.map(\.ceilingSource) == [.parameter])
    #expect(report.sources == ParameterSources(.assumed))
    #expect(report.ledger.count(of: .decisionsNotRecorded) == 1)
    #expect(report.ledger.count(of: .ceilingDiffers) == 0)
    #expect(report.ledger.isIncomplete)
  }

  @Test func `in which one VM decides tells that the other does not poll`() throws {
    let report = try field("A-one-vm-off.txt")
    #expect(report.vcpus.map { counts($0.figures) } == [[2, 19, 9, 6], [0, 24, 0, 0]])
    #expect(report.vcpus.map(\.ceiling) == [200_000, 0])
    #expect(report.vcpus.map(\.ceilingSource) == [.parameter, .inferred])
    #expect(report.vcpus[1].figures.kernelCounters.attemptedPolls == 0)
    #expect(report.vcpus[1].figures.unknownWindows == 0)
    #expect(!report.ledger.isIncomplete)
  }

  @Test func `of one CPU of two has gaps where its vCPUs were on the other`() throws {
    let report = try field("B-one-cpu-of-two.txt")
    #expect(report.vcpus.map { counts($0.figures) } == [[0, 10, 6, 1], [0, 5, 3, 1]])
    #expect(report.total.fidelity.reproduced == 11)
    #expect(report.total.fidelity.recorded == 11)
    #expect(report.total.fidelity.refused == 0)
    #expect(report.vcpus.map(\.figures.gapsShown) == [2, 0])
    #expect(report.vcpus.allSatisfy { $0.figures.gaps > 0 })
    #expect(report.ledger.count(of: .contradiction) == 0)
    #expect(report.ledger.count(of: .missingEvents) == 2)
    #expect(report.ledger.count(of: .partOnly) == 50)
    let whose = report.ledger.entries.first { $0.kind == .partOnly }?.detail.terminal
    #expect(whose?.contains("all of CPU 1") == true)
    #expect(report.ledger.isIncomplete)
  }

  @Test func `with an unmarked hole shows it, and nothing else`() throws {
    let report = try field("B-hole-without-mark.txt")
    #expect(counts(report.total) == [17, 11, 8, 3])
    #expect(report.total.fidelity.reproduced == 11)
    #expect(report.total.fidelity.recorded == 11)
    #expect(report.total.fidelity.refused == 0)
    #expect(report.total.kernelCounters.successfulPolls == 17)
    #expect(report.total.gapsShown == 1)
    #expect(report.ledger.count(of: .missingEvents) == 1)
    #expect(report.ledger.count(of: .contradiction) == 0)
    #expect(report.ledger.isIncomplete)
  }

  @Test func `with fewer events than its recorder counted says how many`() throws {
    let report = try field("B-cpustat.dat")
    #expect(counts(report.total) == [30, 20, 13, 7])
    #expect(report.total.kernelCounters.attemptedPolls == 49)
    #expect(report.tally.absent == [CPU(0): 15])
    #expect(report.ledger.count(of: .absentEvents) == 15)
    #expect(report.vcpus.allSatisfy { $0.figures.gaps == 1 })
    #expect(report.ledger.isIncomplete)
  }

  @Test func `whose times begin at 0 is as long as it was`() throws {
    let report = try field("C-reltime.txt")
    #expect(report.vcpus.map { counts($0.figures) } == [[0, 8, 6, 2], [2, 9, 6, 1]])
    #expect(report.duration == 1_196_000)
    #expect(report.trace.cpus == 1)
    #expect(!report.ledger.isIncomplete)
  }

  @Test func `with lines left out is about the others`() throws {
    let report = try field("J-ellipsis.txt")
    #expect(counts(report.total) == [6, 12, 7, 4])
    #expect(report.total.fidelity.reproduced == 11)
    #expect(report.total.fidelity.recorded == 11)
    #expect(report.total.fidelity.refused == 0)
    // What is left out is seven seconds of seven.
    #expect(report.total.gaps == 1)
    #expect(report.duration == 2_386_000)
    #expect(report.ledger.count(of: .tracingPaused) == 1)
    #expect(report.ledger.isIncomplete)
  }

  @Test func `that shows two parameters of four says which`() throws {
    let report = try field("K-ceiling-not-shown.txt")
    #expect(report.sources.all == [.assumed, .inferred, .inferred, .assumed])
    #expect(
      report.parameters
        == PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2))
    let bounds = report.ledger.entries.first { $0.kind == .ceilingNotShown }
    #expect(bounds?.detail == "191305 ns or more")
    #expect(!report.ledger.isIncomplete)
  }

  @Test func `of exits alone says that a VM halted and what to record`() throws {
    let report = try field("H-exits-no-wakeups.txt")
    #expect(report.vcpus.isEmpty)
    #expect(report.ledger.entries.map(\.kind) == [.wakeupsNotRecorded])
    #expect(report.ledger.entries[0].detail == "9 exits of 2 vCPUs, 8 of them to halt")
    #expect(report.ledger.isIncomplete)
  }

  @Test func `knows vCPUs by the names that their VMMs give them`() throws {
    let report = try field("M-thread-names.txt")
    #expect(report.vcpus.map(\.identity.vcpu) == [0, 3, 3])
    #expect(report.vcpus.map(\.identity.source) == [.event, .comm, .comm])
    #expect(report.vcpus[1...].map { counts($0.figures) } == [[0, 9, 0, 0], [0, 9, 0, 0]])
    #expect(report.ledger.count(of: .vcpuUnknown) == 0)
  }
}
