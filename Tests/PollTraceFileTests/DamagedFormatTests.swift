import Fixtures
import Foundation
import Testing

@testable import PollTrace
@testable import PollTraceFile

extension Randomness {
  fileprivate mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// What became of a file: nil where it was refused.
private func outcome(_ content: [UInt8]) throws -> (halts: Int, isIncomplete: Bool)? {
  let reader: any TraceReader
  do { reader = try open(content) } catch let error as TraceFileError {
    #expect(!error.description.isEmpty)
    return nil
  }
  let (events, tally) = everything(in: reader)
  return (
    events.lazy.filter { $0.what == .wakeup }.count,
    reader.ledger.isIncomplete || tally.ledger.isIncomplete || !tally.lost.isEmpty
  )
}

@Suite struct `A damaged text or perf.data` {
  private static let names = [
    "perf-file.data.zst", "perf-pipe.data.zst", "perf-zstd.data.zst", "cat-trace.txt.gz",
    "perf-script.txt.zst", "ftrace-text.txt.gz", "trace-cmd-3.3.txt.gz",
  ]

  @Test(arguments: names)
  func `that is cut off is never whole`(name: String) throws {
    let whole = try unpacked(name)
    let halts = try #require(try outcome(whole)).halts
    #expect(halts > 50)
    var random = Randomness(seed: 1)
    for _ in 0..<Places.other {
      let length = random.next(below: whole.count - 1)
      let part = Array(whole[..<length])
      guard let found = try outcome(part) else { continue }
      // A text without a count of its lines is whole at the end of each, and with blanks behind.
      let isAtEndOfLine =
        ["perf-script.txt.zst", "trace-cmd-3.3.txt.gz"].contains(name)
        && (part.last { $0 != 0x20 } == 0x0a || whole[length] == 0x0a)
      #expect(
        found.isIncomplete || isAtEndOfLine || found.halts == halts,
        "\(name) cut at \(length): \(found.halts) halts")
    }
  }

  @Test(arguments: names)
  func `with a byte changed is read or refused`(name: String) throws {
    let whole = try unpacked(name)
    var random = Randomness(seed: 2)
    for _ in 0..<200 {
      var content = whole
      let place = random.next(below: content.count)
      content[place] ^= UInt8(1 + random.next(below: 255))
      guard let found = try outcome(content) else { continue }
      #expect(found.halts > 0 || found.isIncomplete, "\(name) changed at \(place)")
    }
  }

  @Test(arguments: names)
  func `that is packed and cut off or changed says so`(name: String) throws {
    let packed = Array(try Data(contentsOf: URL(filePath: Fixtures.trace(name))))
    var random = Randomness(seed: 3)
    for _ in 0..<50 {
      let length = random.next(below: packed.count - 1)
      if let found = try outcome(Array(packed[..<length])) {
        #expect(found.isIncomplete, "\(name) cut at \(length)")
      }
      var content = packed
      content[random.next(below: content.count)] ^= UInt8(1 + random.next(below: 255))
      if let found = try outcome(content) { #expect(found.halts > 0 || found.isIncomplete) }
    }
  }

  @Test func `of compressed nothing does not fill the memory`() throws {
    // A frame of zstd that announces 2^62 bytes, and a block of a repeated byte.
    let frame: [UInt8] = [
      0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x02, 0x00, 0x10, 0x00,
    ]
    #expect(try outcome(frame) == nil)
  }
}

@Suite struct `A text of cat trace` {
  @Test(arguments: ["cat-trace", "ftrace-text"])
  func `has what KVM counted`(name: String) throws {
    let reader = try TraceFormats.open(path: Fixtures.trace("\(name).txt.gz"))
    let report = report(of: reader)
    let truth = try Fixtures.truth(of: name)
    #expect(report.vcpus.count == truth.vcpus.count)
    for vcpu in report.vcpus {
      let real = try #require(truth.vcpu(of: vcpu.identity.thread.rawValue))
      let counters = vcpu.figures.kernelCounters
      #expect(counters.attemptedPolls == real.halt_attempted_poll)
      #expect(counters.successfulPolls == real.halt_successful_poll)
      // Which process a thread is of stands in the text with the option record-tgid.
      if name == "cat-trace" { #expect(vcpu.identity.process?.rawValue == truth.vm.pid) }
    }
    #expect(!report.ledger.isIncomplete)
    #expect(report.ledger.count(of: .coarseTime) == 1)
    #expect(report.ledger.count(of: .wakersUnknown) == 0)
    #expect(report.ledger.count(of: .foreignLines) == 0)
    #expect(report.trace.cpus == 2)
  }

  @Test func `that is not whole says how much is missing`() throws {
    let lines = try unpacked("cat-trace.txt.gz").split(
      separator: 0x0a, omittingEmptySubsequences: false)
    let half = lines.prefix(lines.count / 2).flatMap { $0 + [0x0a] }
    let ledger = try open(half).ledger
    #expect(ledger.count(of: .partOnly) > 100)
  }
}
