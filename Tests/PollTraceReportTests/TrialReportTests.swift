import Fixtures
import Foundation
import PollTrace
import PollTraceReplay
import PollTraceReport
import PollTraceTrial
import Testing

/// A host whose blocks are as they are said to be: halts cost `costs[setting]` ns of polling each, and a
/// little more in every third block.
private struct InventedHost: TrialHost {
  typealias Failure = Never

  var now = Timestamp(0)
  let costs: [Int64]
  private var setting = 0
  private var blocks: Int64 = 0

  init(_ costs: [Int64]) { self.costs = costs }

  mutating func set(_ number: Int) { setting = number }
  func begin() {}
  mutating func measure() -> (measure: BlockMeasure, counted: BlockMeasure?) {
    blocks += 1
    var measure = BlockMeasure(length: 18_000_000_000, cpus: 2)
    measure.outcome.halts = 18_000
    measure.outcome.successful = setting == 0 ? 0 : 9_000
    measure.outcome.attempted = setting == 0 ? 0 : 18_000
    measure.outcome.failTime = 18_000 * (costs[setting] + blocks % 3 * 100)
    measure.outcome.latency = 18_000 * 10_000
    var latencies = Histogram()
    latencies.add(20_000, times: 9_000)
    measure.latencies = latencies
    (measure.pressure, measure.steal) = (0.01, 0)
    var counted = measure
    counted.latencyIsKnown = false
    counted.pressure = nil
    return (measure, counted)
  }
}

/// A trial of eight rounds in which halts cost so much, and the first candidate was predicted to cost a tenth less.
private func report(
  _ costs: [Int64], end: TrialReport.End = .planned, limit: WakeLatencyLimit? = nil
) -> TrialReport {
  let design = TrialDesign(
    settings: costs.count, count: 8, block: 20_000_000_000, settling: 2_000_000_000, seed: 7)
  var host = InventedHost(costs)
  var session = TrialSession(
    design, TrialJudge(candidates: costs.count - 1, objective: .balanced, limit: limit))
  while let next = session.step(&host) { host.now = next }
  let settings = costs.indices.map { number in
    TrialReport.Setting(
      list: "halt_poll_ns=\(number)000",
      parameters: [TrialReport.Parameter("halt_poll_ns", UInt32(number) * 1_000)],
      predicted: number == 1 ? TrialReport.Predicted(ratio: 0.9, range: 0.85...0.95) : nil)
  }
  var report = TrialReport(
    target: "host", objective: .balanced, limit: limit, settings: settings, session, end: end)
  report.isRestored = true
  return report
}

@Suite struct `A trial's report` {
  @Test func `as text says first what came out, then what it rests on`() {
    let expected = """
      halt_poll_ns=1000 is better: cost -9.9 % (-10.1 % to -9.7 %): restored, as --keep was not given; polltrace apply halt_poll_ns=1000 sets it

        trial of this host's parameters, 16 of 16 blocks of 20 s in random order (--seed 7); of each the first 2 s left out

        now  halt_poll_ns=0000
          1  halt_poll_ns=1000

                             blocks  halts/s  polled  polling  wake mean      p99  cost/halt  pressure  steal
        now                       8    1,000   0.0 %    3.0 %    10.0 µs  20.0 µs     100 µs     1.0 %  0.0 %
          by KVM's counters       8    1,000   0.0 %    3.0 %          –        –          –         –  0.0 %
        1                         8    1,000  50.0 %    2.5 %    10.0 µs  20.0 µs    90.1 µs     1.0 %  0.0 %
          by KVM's counters       8    1,000  50.0 %    2.5 %          –        –          –         –  0.0 %

        1: cost of a halt -9.9 % (-10.1 % to -9.7 %); predicted -10.0 % (-15.0 % to -5.0 %); halts/s +0.0 % (+0.0 % to +0.0 %)

        cost: balanced; bounds from 8 pairs of blocks, they hold at every look with 95 % certainty

      """
    #expect(TextTrial.text(report([60_000, 50_000])) == expected)
  }

  @Test func `of a guest says what its latency rests on`() {
    var report = report([60_000, 50_000], limit: WakeLatencyLimit(.p99, most: 50_000))
    report.target = "guest"
    let measured = TextTrial.text(report)
    #expect(measured.contains("idles/s") && measured.contains("by the kernel's counts"))
    #expect(
      measured.contains(
        "measured of 144,000 of 216,000 halts, those that another CPU's interrupt ended; others count as late as the "
          + "median of their CPU's, or 30 µs where too few show it"))
    #expect(!measured.contains("held against the limit"))
    report.blocks[0].measure.latencyIsMeasured = false
    #expect(report.latencySource == .inPart)
    #expect(
      TextTrial.text(report).contains(
        "in 1 of 16 blocks most halts did not show their wake-up latency: those were not held against the limit"
      ))
    for index in report.blocks.indices {
      (report.blocks[index].measure.latencies, report.blocks[index].measure.latencyIsMeasured) = (
        nil, false
      )
    }
    #expect(report.latencySource == .assumed)
    #expect(TextTrial.text(report).contains("was not measured: 30 µs are assumed for each halt"))
  }

  @Test func `names VMs that the setting does not reach`() {
    var report = report([60_000, 50_000])
    report.unreached = [.init("db (pid 7)", ceiling: 20_000)]
    let lines = TextTrial.text(report).split(separator: "\n")
    #expect(lines[0].hasSuffix("sets it; 1 VM keeps a limit of its own"))
    #expect(
      lines.contains(
        "  db (pid 7) has its own limit of 20 µs (KVM_CAP_HALT_POLL): only its VMM can change it. Its halts are counted "
          + "all the same."))
  }

  /// The first line, after what is set now was changed by `change`.
  private func head(_ report: TrialReport, _ change: (inout TrialReport) -> Void = { _ in })
    -> String
  {
    var report = report
    change(&report)
    return String(TextTrial.text(report).prefix { !$0.isNewline })
  }

  @Test func `says of each end what it was, and what is set now`() {
    #expect(
      head(report([60_000, 50_000])) {
        $0.isKept = true
        $0.isRestored = false
      } == "halt_poll_ns=1000 is better: cost -9.9 % (-10.1 % to -9.7 %): kept")
    #expect(head(report([50_000, 60_000])) == "harm: halts cost more: rolled back")
    #expect(
      head(report([50_000, 50_000])) == "no difference that matters (2.0 %): restored")
    #expect(
      head(report([60_000, 50_000], limit: WakeLatencyLimit(.p99, most: 15_000)))
        == "harm: wake-up latency is above its limit: rolled back")
    #expect(
      head(report([60_000, 50_000], end: .early("ended by SIGINT")))
        == "ended by SIGINT: restored")
    #expect(
      head(report([60_000, 50_000], end: .early("somebody else has set it"))) {
        $0.isRestored = false
      }
        == "somebody else has set it: NOT restored, see polltrace status")
  }

  @Test func `stops a harmful candidate early, and goes on with the others`() {
    let report = report([50_000, 60_000, 40_000])
    #expect(report.blocks.count { $0.setting == 1 } < 8)
    #expect(report.blocks.count { $0.setting == 2 } == 8)
    #expect(report.verdict == .better(2))
    #expect(report.outcome == .restored)
    #expect(report.harms.map(\.setting) == [1])
  }

  @Test func `as JSON has every key that its document names`() throws {
    let report = report([60_000, 50_000], limit: WakeLatencyLimit(.mean, most: 50_000))
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(JSONTrial.text(report).utf8)) as? [String: Any])
    #expect(json["schema"] as? String == "polltrace.trial/1")
    #expect(json["verdict"] as? String == "restored")
    #expect(json["finding"] as? String == "better")
    #expect(json["better"] as? Int == 1)
    let effect = try #require((json["effects"] as? [[String: Any]])?.first)
    let ratio = try #require(effect["cost_ratio"] as? Double)
    #expect(abs(ratio - 90.1 / 100.1) < 0.001)
    let document = try String(
      contentsOfFile: Fixtures.project("docs/report-schema.md"), encoding: .utf8)
    let section = try #require(
      document.components(separatedBy: "\n## Trial\n").last?.components(separatedBy: "\n## ").first)
    let words = Set(
      section.components(separatedBy: "`").enumerated().filter { !$0.offset.isMultiple(of: 2) }
        .map { $0.element.replacing("[]", with: "") })
    let unnamed = keys(json).subtracting(words).subtracting([
      "schema", "halt_poll_ns", "cost_ratio_low", "cost_ratio_high",
    ])
    #expect(unnamed.isEmpty, "not in the document: \(unnamed.sorted())")
  }
}

/// The keys of `value` at whatever depth.
private func keys(_ value: Any) -> Set<String> {
  if let list = value as? [Any] { return list.reduce(into: []) { $0.formUnion(keys($1)) } }
  guard let table = value as? [String: Any] else { return [] }
  return table.reduce(into: []) { found, pair in
    found.insert(pair.key)
    found.formUnion(keys(pair.value))
  }
}
