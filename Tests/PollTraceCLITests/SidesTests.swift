import Fixtures
import Foundation
import Testing

/// Twelve seconds of a guest with haltpoll, recorded in it and on its host at once.
struct `Recorded on both sides, a guest that polls itself` {
  private func report(_ side: String) throws -> [String: Any] {
    let path = Fixtures.project("Tests/Fixtures/sides/\(side).dat.zst")
    let run = try Run(["report", path, "--format", "json"])
    #expect([0, 2].contains(run.status))
    return try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
  }

  @Test func `keeps its host from polling, which halts it all the same`() throws {
    let report = try report("host")
    #expect(report["side"] as? String == "host")
    let total = try #require(report["total"] as? [String: Any])
    let counters = try #require(total["kernel_counters"] as? [String: Any])
    #expect(counters["halt_attempted_poll"] as? Int == 0)
    #expect(total["grows"] as? Int == 0)
    let halts = try #require(total["halts"] as? Int)
    #expect(halts > 500)
  }

  @Test func `polls on both CPUs, by the rules or as a shorter halt explains`() throws {
    let report = try report("guest")
    #expect(report["side"] as? String == "guest")
    let cpus = try #require(report["cpus"] as? [[String: Any]])
    #expect(cpus.count == 2)
    #expect(cpus.allSatisfy { ($0["polled"] as? Int ?? 0) > 20 })
    let total = try #require(report["total"] as? [String: Any])
    let decisions = try #require(total["decisions"] as? [String: Int])
    let (contradicted, delayed) = (decisions["contradicted"] ?? -1, decisions["delayed"] ?? -2)
    #expect(contradicted == 0 || contradicted == delayed)
    #expect((decisions["recorded"] ?? 0) > 400)
    #expect((decisions["reproduced"] ?? 0) + delayed >= decisions["recorded"] ?? .max)
  }
}
