import Fixtures
import PollTraceFile
import PollTraceReplay
import PollTraceReport
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// A recording of vCPUs 0 and 1 (threads 1000 and 1001, process 900) as its recorder describes it.
private func trace(host: String, boot: String?, process: Int = 900) throws -> TraceReport {
  var builder = TraceBuilder(InventedHalts.events(50))
  if let boot {
    builder.add(
      option: 9,
      """
      polltrace.facts/1
      host name=\(host) boot=\(boot) kernel=6.18.0 arch=x86_64
      recording clock=mono began=5000000000 ended=6000000000 sched=1
      parameters since=1 halt_poll_ns=200000 grow=2 grow_start=10000 shrink=2
      vcpu tid=1000 pid=\(process) vm=web1 id=0
      vcpu tid=1001 pid=\(process) vm=web1 id=1

      """)
  }
  return try report(of: builder.file)
}

@Suite struct `Several traces` {
  @Test func `of one boot of one host are of the same vCPUs`() throws {
    let report = Report([try trace(host: "a", boot: "1"), try trace(host: "a", boot: "1")])
    #expect(report.vcpus.count == 2)
    #expect(report.vcpus.map(\.traces) == [[0, 1], [0, 1]])
    #expect(report.vcpus.map(\.figures.measures.halts) == [100, 100])
    #expect(report.total.measures.halts == 200)
  }

  @Test func `of another host, boot or VM are of others, though all numbers are the same`() throws {
    let one = try trace(host: "a", boot: "1")
    for other in [
      try trace(host: "b", boot: "1"), try trace(host: "a", boot: "2"),
      try trace(host: "a", boot: "1", process: 901), try trace(host: "a", boot: nil),
    ] {
      let report = Report([one, other])
      #expect(report.vcpus.count == 4)
      #expect(report.vcpus.allSatisfy { $0.figures.measures.halts == 50 })
      #expect(report.total.measures.halts == 200)
    }
  }

  @Test func `that do not say their boot stay apart`() throws {
    let report = Report([try trace(host: "a", boot: nil), try trace(host: "a", boot: nil)])
    #expect(report.vcpus.count == 4)
    #expect(report.vcpus.map(\.traces) == [[0], [0], [1], [1]])
  }

  @Test func `are told apart in words as well: by host, by boot, by path`() throws {
    func labels(_ traces: [TraceReport]) -> [String] { Report(traces).vcpus.map(\.label) }
    let one = try trace(host: "a", boot: "1")
    #expect(
      labels([one, try trace(host: "b", boot: "1")])
        == ["a", "a", "b", "b"].enumerated().map {
          "\($1), VM web1 (pid 900), vCPU \($0 % 2)"
        })
    #expect(
      labels([one, try trace(host: "a", boot: "2")]).map { $0.prefix(8) }
        == ["a boot 1", "a boot 1", "a boot 2", "a boot 2"])
    var (first, second) = (try trace(host: "a", boot: nil), try trace(host: "a", boot: nil))
    (first.trace.path, second.trace.path) = ("1.dat", "2.dat")
    #expect(
      labels([first, second]).map { $0.prefix(5) } == ["1.dat", "1.dat", "2.dat", "2.dat"])
  }

  @Test func `whose boots are not known have no VM in common for a replay`() throws {
    let vcpus = try ["1.dat", "2.dat"].flatMap { path in
      var builder = TraceBuilder(InventedHalts.events(50))
      // A process's number, as a file without facts may say it.
      builder.add(option: 8, "1000 900\n1001 900")
      let reader = try TraceFormats.open(builder.file, path: path)
      var request = TraceAnalysis.Request()
      request.logged = 1_000
      return TraceAnalysis(reader, AnalysisOptions(), request, threads: 1).recorded().vcpus()
    }
    #expect(vcpus.count == 4)
    #expect(Set(vcpus.map(\.vm)).count == 1)
    #expect(Set(vcpus.map(\.vmKey)).count == 2)
  }

  @Test func `recorded of two VMs are of as many vCPUs as both have`() throws {
    let reports = try ["exponential", "floating"].map { try report($0) }
    let both = Report(reports)
    #expect(reports.allSatisfy { $0.trace.facts?.boot.isEmpty == false })
    #expect(both.vcpus.count == reports.reduce(0) { $0 + $1.vcpus.count })
    #expect(
      both.total.measures.halts == Figures(totalOf: both.vcpus.map(\.figures)).measures.halts)
  }
}
