import Fixtures
import PollTraceFile
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// What may be asked of a trace beside its figures.
private struct Wish: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var request = TraceAnalysis.Request()

  init(_ name: String, _ change: (inout TraceAnalysis.Request) -> Void = { _ in }) {
    testDescription = name
    change(&request)
  }

  static let all = [
    Wish("figures"), Wish("pictures") { $0.bins = 24 }, Wish("a log") { $0.logged = .max },
    Wish("pictures and a log of some") { ($0.bins, $0.logged) = (24, 100) },
    Wish("a log of none so large") { ($0.logged, $0.largest) = (10, 20) },
  ]
}

@Suite struct `What comes of a trace` {
  private static func analysis(
    _ reader: any TraceReader, _ wish: Wish, threads: Int = 2, pages: Int? = nil
  ) -> TraceAnalysis {
    TraceAnalysis(reader, AnalysisOptions(), wish.request, threads: threads, pages: pages)
  }

  @Test(arguments: Fixtures.traces)
  func `depends neither on threads nor on where rounds end`(name: String) throws {
    let reader = try TraceFormats.open(path: Fixtures.trace(name))
    let halts = Wish("halts") { $0.halts = true }
    let logs = Wish("pictures and a log") { ($0.bins, $0.logged) = (24, .max) }
    let exported = Exported(Self.analysis(reader, halts))
    let logged = Self.analysis(reader, logs)
    #expect(!exported.halts.isEmpty)
    for (threads, pages) in [(1, 1), (2, 3), (7, 64), (1, 64), (7, 1), (2, 1), (1, 3), (7, 3)] {
      let other = Exported(Self.analysis(reader, halts, threads: threads, pages: pages))
      #expect(other == exported, "\(threads) threads, \(pages) pages")
      let log = Self.analysis(reader, logs, threads: threads, pages: pages)
      #expect(log.report == logged.report, "\(threads) threads, \(pages) pages")
      #expect(log.logs == logged.logs, "\(threads) threads, \(pages) pages")
    }
  }

  @Test(arguments: Fixtures.traces)
  func `takes two passes at most, and is the same whatever else is asked`(name: String) throws {
    let reader = try TraceFormats.open(path: Fixtures.trace(name))
    let figures = Self.analysis(reader, Wish("figures")).report
    for wish in Wish.all {
      let analysis = Self.analysis(reader, wish)
      #expect(analysis.passes <= 2, "\(wish.testDescription)")
      var report = analysis.report
      report.axis = nil
      for place in report.vcpus.indices { report.vcpus[place].timeline = nil }
      #expect(report == figures, "\(wish.testDescription)")
    }
    let exported = Exported(Self.analysis(reader, Wish("halts") { $0.halts = true }))
    #expect(exported.passes == 2)
    #expect(exported.report == figures)
    #expect(zip(exported.halts, exported.halts.dropFirst()).allSatisfy { $0.woke <= $1.woke })
  }
}

extension ReportedHalt {
  fileprivate var woke: Timestamp { halt.halt.woke }
}
