import Foundation
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// Recordings that a machine has and the project does not: a folder, in POLLTRACE_RECORDINGS.
private enum Recordings {
  static let paths: [String] = {
    guard let folder = ProcessInfo.processInfo.environment["POLLTRACE_RECORDINGS"],
      let all = FileManager.default.enumerator(atPath: folder)
    else { return [] }
    return all.compactMap { $0 as? String }.filter { $0.hasSuffix(".dat") }.sorted()
      .map { "\(folder)/\($0)" }
  }()
}

@Suite(.enabled(if: Peer.isThere, Peer.comment))
struct `A recording of somebody else` {
  @Test(
    .enabled(if: !Recordings.paths.isEmpty, "needs a folder of *.dat in POLLTRACE_RECORDINGS"),
    arguments: Recordings.paths)
  func `is the same for trace-cmd, event by event`(path: String) throws {
    let (lines, _) = try Peer.report(path)
    let reader = try TraceFormats.open(path: path)
    let hasValid = reader.description.hasValidField
    let (events, tally) = everything(in: reader)
    let mine = events.compactMap { Peer.line($0, hasValid: hasValid) }
    #expect(mine.sorted() == lines.compactMap(Peer.line).sorted())
    #expect(tally.events == UInt64(lines.filter { !$0.contains("EVENTS DROPPED") }.count))
    #expect(reader.ledger.entries.filter { $0.kind == .damaged }.isEmpty)
  }
}
