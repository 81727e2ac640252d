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
    "kvm_halt_poll_ns", "sched_waking", "0-3,8", "core", "l2", "l3", "node",
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

/// Which keys the tables at each place of some JSON have.
private struct Shapes {
  private(set) var byPath: [String: Set<Set<String>>] = [:]

  mutating func add(_ value: Any, _ path: String = "") {
    if let list = value as? [Any] {
      for element in list { add(element, path + "[]") }
    } else if let table = value as? [String: Any] {
      byPath[path, default: []].insert(Set(table.keys))
      for (key, value) in table { add(value, path + "." + key) }
    }
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
    // Between them: several traces, lost events, parameters that change, and vCPUs that may not run anywhere.
    let found = keys([
      try report(["exponential.dat", "bimodal.dat"]), try report(["lost.dat"]),
      try report(["hostile-names.dat"]), try report(["affinity.dat"]),
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
    let totals = try #require(try report(["exponential.dat"])["vcpu_totals"] as? [Any])
    #expect(totals.isEmpty)
  }

  /// A text has no names, no wakers and no losses by CPU; what lost events has gaps.
  @Test func `has the same keys whatever is known, null where it is not`() throws {
    var shapes = Shapes()
    for name in ["exponential.dat", "lost.dat", "ftrace-text.txt.gz", "perf-file.data.zst"] {
      shapes.add(try report([name]))
    }
    #expect(shapes.byPath.count > 10)
    for (path, found) in shapes.byPath {
      #expect(found.count == 1, "\(path): \(found.map { $0.sorted() })")
    }
    let text = try report(["ftrace-text.txt.gz"])
    let trace = try #require((text["trace"] as? [[String: Any]])?.first)
    #expect(trace["kernel"] is NSNull)
    let vcpu = try #require((text["vcpus"] as? [[String: Any]])?.first)
    #expect((vcpu["vm"] as? [String: Any])?["pid"] is NSNull)
    let total = try #require(text["total"] as? [String: Any])
    #expect((total["window_ns"] as? [String: Any])?["last"] is NSNull)
  }

  @Test func `says in its total which ceiling all vCPUs have`() throws {
    let ceiling = { (names: [String]) in
      ((try report(names)["total"] as? [String: Any])?["ceiling_ns"] as? [String: Any])?["value"]
        as? Int
    }
    #expect(try ceiling(["exponential.dat"]) == 200_000)
    #expect(try ceiling(["exponential.dat", "small-ceiling.dat"]) == nil)
  }
}

@Suite struct `A recommendation and a replay as JSON` {
  @Test func `have the same keys whatever is known`() throws {
    var shapes = Shapes()
    for command in ["replay", "recommend"] {
      for name in ["exponential.dat", "ftrace-text.txt.gz", "off.dat"] {
        let run = try Run([command, "--format", "json", Fixtures.trace(name)])
        let body = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
        shapes.add(body, command)
      }
    }
    #expect(shapes.byPath.count > 10)
    // What is best in hindsight is no prediction and has no bounds.
    for (path, found) in shapes.byPath where !path.hasSuffix("predicted") {
      #expect(found.count == 1, "\(path): \(found.map { $0.sorted() })")
    }
  }
}
