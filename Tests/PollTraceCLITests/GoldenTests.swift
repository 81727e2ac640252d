import Fixtures
import Foundation
import Testing

/// Every command over every recorded trace, and every help text.
private enum Goldens {
  static let all = help + fixtures.flatMap(ofFixture) + ofField + Fixtures.guests.flatMap(ofGuest)

  /// Traces that are swept: small ones, for a sweep takes longest.
  private static let mostSwept = 100_000
  private static let (toPerfetto, otherObjectives) = (
    ["guest.dat", "lost.dat"], ["exponential.dat", "guest.dat", "two-vms.dat.zst"]
  )

  private static let help =
    [Golden(name: "help/polltrace", arguments: ["--help"])]
    + [
      "record", "report", "replay", "sweep", "recommend", "export", "check", "top", "metrics",
    ].map { Golden(name: "help/\($0)", arguments: [$0, "--help"]) }

  /// What is said of traces in the shapes that people keep them in.
  private static let ofField = ["H-exits-no-wakeups.txt", "M-thread-names.txt"].map {
    Golden(name: "field/\($0)/report", arguments: ["report", "../field/\($0)"])
  }

  /// A guest's own recording, and it beside a host's.
  private static func ofGuest(_ fixture: String) -> [Golden] {
    func golden(_ name: String, _ command: String, _ excerpt: Excerpt = .head(80)) -> Golden {
      var arguments = command.split(separator: " ").map(String.init)
      arguments.insert("../guests/\(fixture)", at: 1)
      return Golden(name: "guests/\(fixture)/\(name)", arguments: arguments, excerpt: excerpt)
    }
    return [
      golden("report", "report"), golden("report-details", "report --details", .head(100)),
      golden("report-json", "report --format json", .figures),
      golden("report-csv", "report --format csv"),
      golden("replay", "replay"), golden("replay-json", "replay --format json", .figures),
      golden("replay-50us", "replay --halt-poll-ns 50us"),
      golden("recommend", "recommend"),
      golden("recommend-json", "recommend --format json", .figures),
      golden("sweep-csv", "sweep --format csv", .rows),
      golden("export-csv", "export --to csv", .rows),
      golden("both-sides", "report ../traces/two-vms.dat.zst --vm web1 --no-recommendation"),
    ]
  }

  private static let fixtures = files(below: Fixtures.trace("")).filter { !$0.hasSuffix(".json") }

  private static func ofFixture(_ fixture: String) -> [Golden] {
    func golden(_ name: String, _ command: String, _ excerpt: Excerpt = .head(80)) -> Golden {
      var arguments = command.split(separator: " ").map(String.init)
      arguments.insert(fixture, at: 1)
      return Golden(name: "\(fixture)/\(name)", arguments: arguments, excerpt: excerpt)
    }
    var goldens = [
      golden("report", "report"),
      golden("report-json", "report --format json", .figures),
      golden("report-csv", "report --format csv"),
      golden("replay", "replay"),
      golden("replay-json", "replay --format json", .figures),
      golden("replay-50us", "replay --halt-poll-ns 50us"),
      golden("replay-50us-json", "replay --halt-poll-ns 50us --format json", .figures),
      golden("recommend", "recommend"),
      golden("recommend-json", "recommend --format json", .figures),
      golden("export-csv", "export --to csv", .rows),
    ]
    if attribute(.size, of: Fixtures.trace(fixture)) ?? Int.max <= mostSwept {
      goldens.append(golden("sweep-csv", "sweep --format csv", .rows))
    }
    if toPerfetto.contains(fixture) {
      goldens.append(golden("export-perfetto", "export --to perfetto", .none))
    }
    if otherObjectives.contains(fixture) {
      goldens.append(golden("report-details", "report --details", .head(100)))
      goldens += ["efficiency", "latency"].map {
        golden("recommend-\($0)", "recommend --objective \($0)")
      }
    }
    return goldens
  }

  /// The paths of the files below `folder`, from there.
  static func files(below folder: String) -> [String] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    return names.filter { attribute(.type, of: folder + $0) == FileAttributeType.typeRegular }
      .sorted()
  }

  private static func attribute<Value>(_ key: FileAttributeKey, of path: String) -> Value? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[key] as? Value
  }
}

@Suite struct `The output of a command` {
  @Test(arguments: Goldens.all)
  func `is its golden`(golden: Golden) throws {
    if let difference = try golden.difference(from: golden.found()) {
      Issue.record("\(difference)")
    }
  }

  @Test func `leaves no golden without a command`() throws {
    let expected = Set(Goldens.all.map { "\($0.name).txt" })
    for file in Goldens.files(below: Fixtures.golden("")) where !expected.contains(file) {
      if Golden.blesses {
        try FileManager.default.removeItem(atPath: Fixtures.golden(file))
      } else {
        Issue.record(
          """
          Tests/Fixtures/goldens/\(file) is no command's output.
            To remove it: BLESS=1 swift test --filter Golden
          """)
      }
    }
  }
}
