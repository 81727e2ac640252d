import Fixtures
import Foundation

@testable import PollTrace
@testable import PollTraceFile

/// Everything that a reader hands over, in order, and what it counted.
func everything(in reader: any TraceReader) -> (events: [Event], tally: ReadTally) {
  var events: [Event] = []
  let tally = reader.read(.everything) { batch in
    for index in batch.indices { events.append(batch[index]) }
  }
  return (events, tally)
}

/// A trace in memory, opened.
func open(_ content: some Sequence<UInt8>) throws -> any TraceReader {
  try TraceFormats.open(Array(content), path: "test")
}

/// A trace read to its report.
func report(of reader: any TraceReader, threads: Int = 2) -> TraceReport {
  var analysis = TraceAnalysis(of: reader.description, begin: reader.begin, AnalysisOptions())
  var reading = reader.tracks(in: analysis.scope, threads: threads)
  while analysis.learns(from: reading.tracks) {
    reading = reader.tracks(in: analysis.scope, threads: threads)
  }
  return analysis.report(of: reading.tracks, reading.tally, opening: reader.ledger)
}

/// A program of this machine, run for what it prints.
enum Tool {
  struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ arguments: [String], _ status: Int32, _ output: Data) {
      let text = String(decoding: output.prefix(200), as: UTF8.self)
      description = "\(arguments) failed with \(status) after '\(text)'"
    }
  }

  static func isThere(_ path: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: path)
  }

  static func output(of path: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw Failure(arguments, process.terminationStatus, data) }
    return data
  }
}
