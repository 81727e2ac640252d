import Foundation

/// Where the fixtures lie, found beside this file: nothing is copied into the build.
package enum Fixtures {
  private static let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")

  /// The path of a recorded trace under `traces/`.
  package static func trace(_ name: String) -> String { "/\(folder)/traces/\(name)" }
  /// The path of a trace under `field/`.
  package static func field(_ name: String) -> String { "/\(folder)/field/\(name)" }
  /// The path of a guest's own recording under `guests/`.
  package static func guest(_ name: String) -> String { "/\(folder)/guests/\(name)" }
  /// The names of all of them.
  package static let guests =
    ((try? FileManager.default.contentsOfDirectory(atPath: guest(""))) ?? []).sorted()
  /// The path of a file of the project.
  package static func project(_ path: String) -> String { "/\(folder)/../../\(path)" }
  /// The path of an expected output under `goldens/`.
  package static func golden(_ name: String) -> String { "/\(folder)/goldens/\(name)" }
  /// The names of all traces under `traces/`.
  package static let traces =
    ((try? FileManager.default.contentsOfDirectory(atPath: trace(""))) ?? [])
    .filter { !$0.hasSuffix(".json") }.sorted()
}
