import Fixtures
import Foundation
import Testing

private func json(_ run: Run) throws -> [String: Any] {
  try #require(
    try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
}

private let trace = Fixtures.trace("exponential.dat")

@Suite struct `Asked for another setting, polltrace` {
  @Test func `predicts it with the contract's keys`() throws {
    let run = try Run(["replay", trace, "--halt-poll-ns", "50us", "--format", "json"])
    #expect(run.status == 0)
    let replay = try json(run)
    #expect(replay["schema"] as? String == "polltrace.replay/1")
    #expect((replay["parameters"] as? [String: Any])?["halt_poll_ns"] as? Int == 50_000)
    let keys = [
      "halts", "hit_rate", "attempted_polls", "successful_polls", "abandoned_polls",
      "poll_success_ns", "poll_fail_ns", "poll_cpu_share", "wake_latency_sum_ns", "cost_ns",
    ]
    for part in ["recorded", "predicted"] {
      let figures = try #require(replay[part] as? [String: Any])
      for key in keys { #expect(figures[key] != nil, "\(part) \(key)") }
    }
    let predicted = try #require(replay["predicted"] as? [String: Any])
    let (low, high) = (predicted["hit_rate_low"] as? Double, predicted["hit_rate_high"] as? Double)
    let rate = try #require(predicted["hit_rate"] as? Double)
    #expect(try #require(low) <= rate)
    #expect(try #require(high) >= rate)
    #expect((replay["vcpus"] as? [Any])?.count == 2)
  }

  @Test func `refuses what is no setting`() throws {
    for arguments in [
      ["--halt-poll-ns", "never"], ["--grow-start", "5000s"], ["--shrink", "two"],
    ] {
      let run = try Run(["replay", trace] + arguments)
      #expect(run.status == 64)
      #expect(run.error.contains(arguments[1]))
    }
  }

  @Test func `says that an empty selection has nothing to replay`() throws {
    for command in ["replay", "sweep", "recommend"] {
      let run = try Run([command, trace, "--vm", "nobody"])
      #expect(run.status == 1)
      #expect(run.error.contains("no halts to replay: none match the filters"))
      #expect(run.error.contains("there are VM web1"))
      #expect(!run.error.contains("record while"))
    }
  }
}

@Suite struct `A sweep's table` {
  @Test func `has a row a setting and VM, whose columns add up`() throws {
    let grid = try TemporaryFile(Data("# two settings\n200us,2,10us,2\n0,2,10000,0\n".utf8))
    let run = try Run(["sweep", trace, "--grid", grid.path, "--format", "csv"])
    #expect(run.status == 0)
    let rows = run.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows.count == 3)
    #expect(rows.allSatisfy { $0.count == rows[0].count })
    #expect(rows[0][8] == "attempted_polls")
    #expect(rows[0].last == "file_rows")
    #expect(rows.dropFirst().allSatisfy { $0.last == "2" })
    #expect(rows[1].prefix(4) == ["200000", "2", "10000", "2"])
    #expect(rows[2].prefix(4) == ["0", "2", "10000", "0"])
    // Without polling nothing is attempted, and no time is polled away.
    #expect(rows[2][8...12].allSatisfy { $0 == "0" })
  }

  @Test func `names the line of a grid that cannot be read`() throws {
    let grid = try TemporaryFile(Data("200us,2,10us,2\n200us,two,10us,2\n".utf8))
    let run = try Run(["sweep", trace, "--grid", grid.path])
    #expect(run.status == 64)
    #expect(run.error.contains("line 2"))
  }
}

@Suite struct `A recommendation, printed,` {
  @Test func `has the contract's keys, and says why a short recording carries none`() throws {
    let run = try Run(["recommend", trace, "--format", "json"])
    #expect(run.status == 0)
    let advice = try json(run)
    #expect(advice["schema"] as? String == "polltrace.recommendation/1")
    for key in [
      "objective", "constraint", "current", "choices", "front", "alternatives", "per_vm",
      "evidence", "warnings", "apply", "undo",
    ] {
      #expect(advice[key] != nil, "\(key)")
    }
    #expect(advice["recommended"] is NSNull)
    #expect((advice["why_not"] as? String)?.contains("too short") == true)
    let alternatives = try #require(advice["alternatives"] as? [[String: Any]])
    #expect(alternatives.count == 5)
    for key in ["name", "cpu_share", "wake_latency_sum_ns", "needs", "verdict"] {
      #expect(alternatives.allSatisfy { $0[key] != nil })
    }
    let names = (advice["choices"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
    #expect(names?.contains("off") == true)
    #expect(names?.contains("kernel_default") == true)
    #expect(names?.contains("best_fixed_window") == true)
    #expect(names?.contains("clairvoyant_bound") == true)
  }

  @Test func `shows VMs with their own limits apart, and what their VMM could set`() throws {
    let bimodal = Fixtures.trace("bimodal.dat")
    let advice = try json(try Run(["recommend", bimodal, "--format", "json"]))
    #expect(advice["verdict"] as? String == "none")
    #expect((advice["why_not"] as? String)?.contains("reach no VM") == true)
    #expect((advice["choices"] as? [Any])?.isEmpty == true)
    #expect((advice["recorded_under"] as? [Any])?.isEmpty == true)
    let vm = try #require((advice["unreached"] as? [[String: Any]])?.first)
    #expect(vm["ceiling_ns"] as? Int == 500_000)
    #expect((vm["poll_cpu_share"] as? Double ?? 0) > 0.1)
    let text = try Run(["recommend", bimodal]).output
    #expect(text.contains("web1 (pid 16479) (limit 500 µs)"))
    #expect(!text.contains("best fixed window"))
    // A replay predicts what the setting does where it applies.
    let replay = try json(try Run(["replay", bimodal, "--format", "json"]))
    let under = try #require((replay["recorded_under"] as? [[String: Any]])?.first)
    #expect(under["share"] as? Double == 1)
    #expect((under["parameters"] as? [String: Any])?["halt_poll_ns"] as? Int == 500_000)
  }

  @Test func `ends a report, or the report says why not`() throws {
    let report = try json(try Run(["report", trace, "--format", "json"]))
    #expect(report["recommendation"] is NSNull)
    #expect((report["why_not"] as? String)?.contains("too short") == true)
    let silent = try json(
      try Run(["report", trace, "--format", "json", "--no-recommendation"]))
    #expect((silent["why_not"] as? String)?.contains("--no-recommendation") == true)
  }

  @Test func `takes a limit in percent only`() throws {
    let run = try Run(["recommend", trace, "--max-poll-cpu", "150"])
    #expect(run.status == 64)
    #expect(run.error.contains("give percent of one CPU per vCPU, 0 to 100, for example 10"))
    #expect(try Run(["recommend", trace, "--max-poll-cpu", "10%"]).status == 0)
  }

  @Test func `takes a limit of latency with a statistic and a unit only`() throws {
    for limit in ["50us", "p95=50us", "p99=50", "p99=0us"] {
      let run = try Run(["recommend", trace, "--max-wake-latency", limit])
      #expect(run.status == 64, "\(limit)")
      #expect(run.error.contains("--max-wake-latency"))
    }
    let run = try Run([
      "recommend", trace, "--max-wake-latency", "p99=50us", "--format", "json",
    ])
    let asked = try json(run)
    let constraint = try #require(asked["constraint"] as? [String: Any])
    let limit = try #require(constraint["max_wake_latency"] as? [String: Any])
    #expect(limit["statistic"] as? String == "p99")
    #expect(limit["ns"] as? Int == 50_000)
    #expect((asked["promise"] as? [String: Any])?["limit_ns"] as? Int == 50_000)
  }

  @Test func `shows how latencies are distributed`() throws {
    let replay = try json(try Run(["replay", trace, "--format", "json"]))
    let recorded = try #require(
      (replay["recorded"] as? [String: Any])?["wake_latency_ns"] as? [String: Any])
    let predicted = try #require(replay["predicted"] as? [String: Any])
    let latency = try #require(predicted["wake_latency_ns"] as? [String: Any])
    for name in ["mean", "p50", "p99", "p999"] {
      let value = try #require(latency[name] as? Double)
      #expect(recorded[name] is Double)
      #expect(try #require(latency["\(name)_low"] as? Double) <= value)
      // None where too few halts lie beyond.
      if let high = latency["\(name)_high"] as? Double { #expect(value <= high) }
    }
    let doubt = try #require(
      (predicted["uncertainty"] as? [String: Any])?["hit_rate"] as? [String: Any])
    let parts = ["more_recording", "other_events", "nothing_narrows"]
      .compactMap { doubt[$0] as? Double }
    let low = try #require(predicted["hit_rate_low"] as? Double)
    let high = try #require(predicted["hit_rate_high"] as? Double)
    #expect(abs(parts.reduce(0, +) - (high - low)) < 1e-9)
  }
}
