import Fixtures
import Foundation

@testable import PollTrace
@testable import PollTraceFile

/// A built file, read again.
struct BuiltTrace {
  var reader: any TraceReader
  /// CPU by CPU, each in order.
  var events: [Event]
  var tally: ReadTally

  init(_ builder: TraceBuilder) throws { try self.init(builder.file) }

  init(_ file: [UInt8]) throws {
    reader = try TraceFormats.open(file, path: "built.dat")
    (events, tally) = everything(in: reader)
  }

  /// What was noted, at opening and while reading.
  var ledger: Ledger {
    var ledger = reader.ledger
    ledger.merge(tally.ledger)
    return ledger
  }

  var report: TraceReport { PollTraceFileTests.report(of: reader) }
}

extension [Event] {
  /// CPU by CPU, as a reader hands them over.
  var byCPU: [Event] {
    Set(map(\.cpu)).sorted().flatMap { cpu in filter { $0.cpu == cpu } }
  }
}

/// A file of the test's own, removed with it.
final class TemporaryFile {
  let path = FileManager.default.temporaryDirectory.appending(path: "polltrace-\(UUID()).dat").path
  init(_ content: [UInt8]) throws { try Data(content).write(to: URL(filePath: path)) }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}
