import Dispatch
import Foundation
import PollTrace
import Testing

@testable import PollTraceFile

@Suite struct `A mapped file` {
  @Test func `that is cut short ends a command with its name while others come and go`() async {
    let result = await #expect(
      processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
    ) {
      SharedFiles.explainCuts()
      let folder = FileManager.default.temporaryDirectory.path
      let paths = (0..<9).map { "\(folder)/polltrace-mapped-\(getpid())-\($0)" }
      for path in paths { try Data(count: 1 << 20).write(to: URL(filePath: path)) }
      let cut = try FileContent(OSString(paths[8])) { _ in true }
      DispatchQueue.concurrentPerform(iterations: 8) { number in
        for _ in 0..<200 {
          let content = try? FileContent(OSString(paths[number])) { _ in true }
          precondition(content?.bytes.count == 1 << 20)
        }
      }
      unsafe truncate(paths[8], 4_096)
      for path in paths { unsafe unlink(path) }
      _ = cut.bytes.load(1 << 19, as: UInt8.self)
    }
    let talk = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(talk.contains("was cut short while it was read"))
    #expect(talk.contains("polltrace-mapped-"))
  }
}
