import Fixtures
import Foundation
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// The bytes of a fixture that is compressed as a whole.
private func content(_ name: String) throws -> [UInt8] {
  let file = try FileContent(path: Fixtures.trace("\(name).data.zst")).bytes
  let bytes = try #require(Compression.whole(file)).all(of: file, path: name)
  return (0..<bytes.count).map { bytes.load($0, as: UInt8.self) }
}

private func reader(_ content: [UInt8]) throws -> any TraceReader {
  let bytes = Bytes(content)
  return try PerfDataReader(bytes, path: "perf.data")
}

/// Every event handed over, in order of time.
private func events(_ reader: any TraceReader) -> [Event] {
  var events: [Event] = []
  _ = reader.read(.everything) { batch in
    for index in batch.indices { events.append(batch[index]) }
  }
  return events.sorted { ($0.time, $0.cpu, $0.what.rawValue) < ($1.time, $1.cpu, $1.what.rawValue) }
}

private let fixtures = ["perf-file", "perf-pipe", "perf-zstd"]

@Suite struct `A perf.data` {
  @Test(arguments: fixtures)
  func `counts what KVM counted, in a file, from a pipe, compressed`(name: String) throws {
    let report = try AnalysedTrace(
      path: Fixtures.trace("\(name).data.zst"), AnalysisOptions(), threads: 2
    ).report
    let counted = try Fixtures.truth(of: name).vcpus[0]
    let figures = Figures(totalOf: report.vcpus.map(\.figures))
    #expect(report.trace.format == "perf.data")
    #expect(report.trace.kernel?.hasPrefix("6.18.") == true)
    #expect(report.trace.arch == "x86_64")
    #expect(report.trace.cpus == 2)
    #expect(report.vcpus.map(\.identity.thread.rawValue) == [counted.tid])
    #expect(report.vcpus.map(\.identity.vcpu) == [0])
    #expect(report.vcpus[0].identity.process != nil)
    #expect(figures.account.kernelCounters.attemptedPolls == counted.halt_attempted_poll)
    #expect(figures.account.kernelCounters.successfulPolls == counted.halt_successful_poll)
    #expect(figures.fidelity.reproduced == figures.fidelity.recorded)
    #expect(figures.fidelity.recorded > 100)
    #expect(figures.measures.wakeLatency.count > 100)
    #expect(!report.ledger.isIncomplete)
  }

  @Test func `holds the events that perf script prints of it`() throws {
    let samples = events(try reader(try content("perf-file")))
    let printed = events(try TraceFormats.open(path: Fixtures.trace("perf-script.txt.zst")))
    #expect(samples.count == printed.count)
    #expect(samples.count > 500)
    for (sample, line) in zip(samples, printed) {
      // perf script prints no flags: whether an interrupt woke the vCPU is not in the text.
      var sample = sample
      if sample.what == .waking { sample.flag = line.flag }
      #expect(sample == line)
    }
  }

  @Test(arguments: fixtures)
  func `cut anywhere has its damage named, or fails, and is never silent`(name: String) throws {
    let whole = try content(name)
    let all = events(try reader(whole)).count
    var random = SplitMix64(seed: 3)
    for _ in 0..<200 {
      let cut = Array(whole.prefix(Int(random.next() % UInt64(whole.count))))
      guard let reader = try? reader(cut) else { continue }
      // What is behind the records (features) may be missing without an event less.
      let isWhole = events(reader).count == all
      #expect(isWhole || !reader.ledger.entries.isEmpty, "cut at \(cut.count)")
    }
  }

  @Test(arguments: fixtures)
  func `changed anywhere does not crash`(name: String) throws {
    let whole = try content(name)
    var random = SplitMix64(seed: 4)
    var read = 0
    for _ in 0..<400 {
      var changed = whole
      // Half of the changes in the header, where sizes and offsets are.
      let most = random.next() % 2 == 0 ? 1_024 : UInt64(whole.count)
      changed[Int(random.next() % most)] ^= UInt8(1 << (random.next() % 8))
      if let reader = try? reader(changed) { read += events(reader).isEmpty ? 0 : 1 }
    }
    #expect(read > 200)
  }

  @Test func `without the formats of kvm's tracepoints says so`() throws {
    var changed = try content("perf-file")
    // The bit of HEADER_TRACING_DATA.
    changed[72] &= ~2
    let error = #expect(throws: TraceFileError.self) { try reader(changed) }
    #expect(error?.description.contains("formats of kvm") == true)
  }
}
