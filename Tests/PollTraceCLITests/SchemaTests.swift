import Fixtures
import Foundation
import Testing

/// What docs/report-schema.md says of a report, and what reports hold.
private struct Schema {
  /// Every word that stands in code in the report's section: keys, values, names of events.
  let words: Set<String>

  init() throws {
    let text = try String(
      contentsOfFile: Fixtures.project("docs/report-schema.md"), encoding: .utf8)
    let section = try #require(
      text.components(separatedBy: "\n## Report\n").last?.components(separatedBy: "\n### As CSV")
        .first)
    let code = section.components(separatedBy: "`").enumerated().filter {
      !$0.offset.isMultiple(of: 2)
    }
    words = Set(code.map { $0.element.replacing("[]", with: "") })
  }

  /// Words in code that are no keys: values, events, commands, other sources' names.
  static let others: Set<String> = [
    "polltrace report --format json", "polltrace.report/1", "recorded", "option", "inferred",
    "assumed", "valid", "event", "comm", "unknown", "parameter", "kvm_vcpu_wakeup",
    "kvm_halt_poll_ns",
    "sched_waking",
  ]

  /// KVM's own names, which the document does not repeat (Linux, virt/kvm/kvm_main.c).
  static let kernels: Set<String> = [
    "halt_attempted_poll", "halt_successful_poll", "halt_poll_invalid", "halt_poll_success_ns",
    "halt_poll_fail_ns", "halt_wait_ns", "halt_poll_success_hist", "halt_poll_fail_hist",
    "halt_wait_hist",
  ]
}

/// The keys of `value` at whatever depth, without those of a recommendation.
private func keys(_ value: Any) -> Set<String> {
  if let list = value as? [Any] { return list.reduce(into: []) { $0.formUnion(keys($1)) } }
  guard let table = value as? [String: Any] else { return [] }
  return table.reduce(into: []) { found, pair in
    found.insert(pair.key)
    if pair.key != "recommendation" { found.formUnion(keys(pair.value)) }
  }
}

private func report(_ names: [String]) throws -> [String: Any] {
  let run = try Run(
    ["report", "--format", "json", "--no-recommendation"] + names.map(Fixtures.trace))
  return try #require(
    JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
}

@Suite struct `A report as JSON` {
  @Test func `has every key that its document names, and no other`() throws {
    let schema = try Schema()
    // Between them: several traces, lost events, and parameters that change.
    let found = keys([
      try report(["exponential.dat", "bimodal.dat"]), try report(["lost.dat"]),
      try report(["hostile-names.dat"]),
    ])
    #expect(schema.words.count > 60)
    let missing = schema.words.subtracting(Schema.others).subtracting(found)
    #expect(missing.isEmpty, "named, but not in any report: \(missing.sorted())")
    let unnamed = found.subtracting(schema.words).subtracting(Schema.kernels)
    #expect(unnamed.isEmpty, "in a report, but not named: \(unnamed.sorted())")
  }

  @Test func `of several traces has each vCPU over all of them`() throws {
    let report = try report(["exponential.dat", "exponential.dat"])
    let totals = try #require(report["vcpu_totals"] as? [[String: Any]])
    #expect(totals.count == 2)
    #expect(totals.map { $0["traces"] as? [Int] } == [[0, 1], [0, 1]])
    let vcpus = try #require(report["vcpus"] as? [[String: Any]])
    let halts = { (bodies: [[String: Any]]) in
      bodies.reduce(0) { $0 + ($1["halts"] as? Int ?? 0) }
    }
    #expect(halts(totals) == halts(vcpus))
  }

  @Test func `of one trace has no totals over traces`() throws {
    #expect(try report(["exponential.dat"])["vcpu_totals"] == nil)
  }
}
