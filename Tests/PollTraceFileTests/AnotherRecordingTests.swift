import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// Traces in each binary form, some compressed, some as a pipe has them.
private let files = (SmallTraces.all + SmallTraces.otherFormats).filter { _, file in
  let bytes = Bytes(file)
  return AnotherRecording.begins(bytes, at: 0)
}

@Suite struct `Several recordings in one file` {
  @Test(arguments: files.map(\.name))
  func `are refused where the second begins`(name: String) throws {
    let first = try #require(files.first { $0.name == name }).file
    guard (try? open(first)) != nil else { return }
    for second in [files.first, files.last].compactMap(\.?.file) {
      let error = #expect(throws: TraceFileError.self) { try open(first + second) }
      #expect(error?.problem == .severalRecordings)
      #expect(error?.offset == first.count)
    }
  }

  @Test(arguments: files.map(\.name))
  func `are not seen in one, nor in zeros behind it`(name: String) throws {
    let file = try #require(files.first { $0.name == name }).file
    for rest in [[], [UInt8](repeating: 0, count: 4_096)] {
      do {
        _ = try open(file + rest)
      } catch let error as TraceFileError {
        #expect(error.problem != .severalRecordings)
      }
    }
  }
}
