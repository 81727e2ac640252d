import Fixtures
import Foundation
import Testing

/// What one command line of `polltrace` must print, kept in a file: the command, its exit code,
/// standard error whole, and standard output, whole or as an excerpt with a sum.
struct Golden: Sendable, CustomTestStringConvertible {
  /// The file below `goldens/`, without its extension: `guest.dat/report`.
  var name: String
  /// The arguments, run in the folder of the fixtures.
  var arguments: [String]
  var excerpt = Excerpt.head(80)

  var testDescription: String { name }
  var file: String { Fixtures.golden("\(name).txt") }

  /// Whether this run of the tests writes the goldens instead of comparing them.
  static let blesses = ProcessInfo.processInfo.environment["BLESS"] == "1"

  /// Runs the command, in an environment on which its output cannot depend.
  /// - Parameter environment: Variables for the command beside the usual ones.
  /// - Returns: What the file must hold.
  /// - Throws: Where `polltrace` cannot be run.
  func found(environment: [String: String] = [:]) throws -> String {
    let fixed = ["LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "80"]
    let run = try Run(
      arguments, environment: fixed.merging(environment) { $1 }, folder: Fixtures.trace(""))
    var error = Self.lines(run.error)
    if error.last?.isEmpty == true { error.removeLast() }
    let command = "$ polltrace \(arguments.joined(separator: " "))\nexit \(run.status)\n"
    return command + error.map { "! \($0)\n" }.joined() + excerpt.text(of: [UInt8](run.bytes))
  }

  /// Compares `found` with the file, or writes the file.
  /// - Returns: What differs, and how to accept it; nothing where they are the same.
  /// - Throws: Where the file cannot be written.
  func difference(from found: String) throws -> String? {
    if Self.blesses {
      let url = URL(filePath: file)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try found.write(to: url, atomically: false, encoding: .utf8)
      return nil
    }
    let expected = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    if expected == found { return nil }
    let (old, new) = (Self.lines(expected), Self.lines(found))
    let line = zip(old, new).prefix { $0 == $1 }.count
    return """
      Tests/Fixtures/goldens/\(name).txt, line \(line + 1)
        expected: \(line < old.count ? old[line] : "no such line")
        found:    \(line < new.count ? new[line] : "no such line")
        To accept what is found: BLESS=1 swift test --filter Golden
      """
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }
}
