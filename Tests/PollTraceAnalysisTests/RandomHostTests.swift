import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

@Suite struct `A random host` {
  private static func analysis(
    _ host: RandomHost, halts: Bool, threads: Int = 1, cuts: [Timestamp] = []
  ) -> TraceAnalysis {
    var request = TraceAnalysis.Request()
    request.halts = halts
    return TraceAnalysis(
      ScriptedTrace(host.events, host.description, cuts: cuts), AnalysisOptions(), request,
      threads: threads)
  }

  @Test(arguments: 0..<10)
  func `has the same figures wherever rounds end, and its windows`(part: UInt64) {
    for seed in part * 100..<(part + 1) * 100 {
      let host = RandomHost(seed: seed)
      let plain = Self.analysis(host, halts: false)
      #expect(plain.passes <= 2, "seed \(seed)")
      let exported = Exported(Self.analysis(host, halts: true))
      #expect(exported.passes == 2, "seed \(seed)")
      #expect(exported.report == plain.report, "seed \(seed)")
      var random = Randomness(seed: seed)
      let last = host.events.last?.time.rawValue ?? 0
      let cuts = (0..<Int.random(in: 1...8, using: &random))
        .map { _ in Timestamp(UInt64.random(in: 0...last, using: &random)) }.sorted()
      let rounds = Exported(
        Self.analysis(host, halts: true, threads: seed % 2 == 0 ? 2 : 7, cuts: cuts))
      #expect(rounds == exported, "seed \(seed), rounds end at \(cuts)")
      expectTruth(exported, host, seed)
    }
  }

  private func expectTruth(_ exported: Exported, _ host: RandomHost, _ seed: UInt64) {
    var known = 0
    for (place, vcpu) in exported.report.vcpus.enumerated() {
      let truth = Dictionary(
        (host.script.windows[vcpu.identity.thread] ?? []).map { ($0.woke, $0.window) },
        uniquingKeysWith: { $1 })
      for halt in exported.halts where halt.vcpu == place {
        guard let window = halt.halt.window, !host.isDoubtful(halt.halt, of: vcpu) else { continue }
        known += 1
        let woke = halt.halt.halt.woke
        #expect(window == truth[woke], "seed \(seed), \(vcpu.identity.thread), \(woke.rawValue)")
      }
    }
    #expect(exported.halts.count == host.events.count { $0.what == .wakeup })
    guard host.isPlain else { return }
    let figures = Figures(totalOf: exported.report.vcpus.map(\.figures))
    #expect(figures.fidelity.contradicted == 0, "seed \(seed)")
    #expect(figures.fidelity.refused == 0, "seed \(seed)")
    #expect(figures.gapsShown == 0, "seed \(seed)")
    #expect(known > 20, "seed \(seed)")
  }
}
