import Fixtures
import Foundation

@testable import PollTrace
@testable import PollTraceAnalysis
@testable import PollTraceFile

/// Everything that a reader hands over, source by source and each in order, and what it counted.
func everything(in reader: any TraceReader) -> (events: [Event], tally: ReadTally) {
  var (events, tally) = ([Event](), ReadTally())
  for number in 0..<reader.sourceCount {
    var source = reader.source(number)
    var batch = EventBatch()
    source.read(until: Timestamp(.max), into: &batch)
    for index in batch.span.indices { events.append(batch.span[index]) }
    tally.merge(source.tally)
  }
  return (events, tally)
}

/// A trace in memory, opened.
func open(_ content: some Sequence<UInt8>) throws -> any TraceReader {
  try TraceFormats.open(Array(content), path: "test")
}

/// A trace read to its report.
func report(of reader: any TraceReader, threads: Int = 2) -> TraceReport {
  TraceAnalysis(reader, AnalysisOptions(), threads: threads).report
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
