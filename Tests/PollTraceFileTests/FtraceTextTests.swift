import Fixtures
import Foundation
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// A text read to its report; `-` never.
private func report(_ text: String) throws -> TraceReport {
  try report(Data(text.utf8))
}

private func report(_ content: Data) throws -> TraceReport {
  let file = FileManager.default.temporaryDirectory.appending(path: "polltrace-\(UUID()).txt")
  try content.write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  return try AnalysedTrace(path: file.path, AnalysisOptions(), threads: 2).report
}

/// The kvm events of a trace.
private func events(_ path: String) throws -> [Event] {
  let reader = try TraceFormats.open(path: path)
  var events: [Event] = []
  _ = reader.read(.everything) { batch in
    for index in batch.indices where batch[index].what != .lost { events.append(batch[index]) }
  }
  return events.sorted { ($0.time, $0.cpu, $0.what.rawValue) < ($1.time, $1.cpu, $1.what.rawValue) }
}

@Suite struct `The text of a trace` {
  @Test(arguments: [("ftrace-text.txt.gz", "ftrace-text"), ("perf-script.txt.zst", "perf-script")])
  func `counts what KVM counted`(file: String, truth: String) throws {
    let report = try AnalysedTrace(
      path: Fixtures.trace(file), AnalysisOptions(), threads: 2
    ).report
    let counted = try Fixtures.truth(of: truth).vcpus[0]
    let figures = Figures(totalOf: report.vcpus.map(\.figures))
    #expect(report.trace.format == "ftrace text")
    #expect(report.vcpus.map(\.identity.vcpu) == [0])
    #expect(figures.account.kernelCounters.attemptedPolls == counted.halt_attempted_poll)
    #expect(figures.account.kernelCounters.successfulPolls == counted.halt_successful_poll)
    #expect(figures.fidelity.reproduced == figures.fidelity.recorded)
    #expect(figures.fidelity.recorded > 100)
    #expect(figures.measures.wakeLatency.count > 50)
    #expect(!report.ledger.isIncomplete)
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/trace-cmd"), "no trace-cmd"),
    arguments: [["-t"], ["-R", "-t"], [], ["-R"]])
  func `holds the events of the recording that trace-cmd printed it from`(options: [String]) throws
  {
    let source = Fixtures.trace("bursty.dat")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/trace-cmd")
    process.arguments = ["report"] + options + [source]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let file = FileManager.default.temporaryDirectory.appending(path: "polltrace-\(UUID()).txt")
    try text.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let isExact = options.contains("-t")
    // Without -t the printed time is rounded to a microsecond.
    let same = { (events: [Event]) in
      events.map { event -> [UInt64] in
        let time = isExact ? event.time.rawValue : (event.time.rawValue + 500) / 1_000
        let subject = UInt64(UInt32(bitPattern: event.subject.rawValue))
        // The flags of the waker's context are not printed; nor is it known where the time is cut.
        let flag = event.what == .waking ? false : event.flag
        return [
          time, UInt64(event.cpu.rawValue), subject, UInt64(event.what.rawValue), event.value,
          UInt64(event.number), flag ? 1 : 0, event.isValid ? 1 : 0,
        ]
      }.sorted { $0.lexicographicallyPrecedes($1) }
    }
    let expected = same(try events(source))
    #expect(expected.count > 1_000)
    let found = same(try events(file.path))
    #expect(found.count == expected.count)
    #expect(zip(found, expected).first { $0 != $1 } == nil)
  }

  @Test func `is understood with any command name, with and without flags, tgid and validity`()
    throws
  {
    let lines = """
      # tracer: nop
        CPU [1] 2.5: x-3/KVM-41  (  17) [002] d..2.   10.000100: kvm_halt_poll_ns: vcpu 3: halt_poll_ns 10000 (grow 0)
        CPU [1] 2.5: x-3/KVM-41  (  17) [002] d..2.   10.000101: kvm_vcpu_wakeup: wait time 50000 ns
      CPU 0/KVM-42 [000] 10.000200: kvm_vcpu_wakeup:      poll time 10 ns, polling invalid
      CPU 0/KVM 17/42 [000] 10.000300:   kvm:kvm_vcpu_wakeup: wait time 70000 ns, polling valid
      kworker/0:1-9 [001] 10.000301: workqueue_execute_start: work struct 0
      """
    let report = try report(lines)
    #expect(report.tally.events == 5)
    #expect(report.tally.first == Timestamp(10_000_100_000))
    let halts = Dictionary(
      uniqueKeysWithValues: report.vcpus.map { ($0.identity.thread.rawValue, $0) })
    #expect(halts[41]?.figures.measures.slept == 1)
    #expect(halts[41]?.identity.vcpu == 3)
    #expect(halts[41]?.identity.process == ProcessID(17))
    #expect(halts[42]?.figures.measures.polled == 1)
    #expect(halts[42]?.figures.measures.slept == 1)
    #expect(halts[42]?.figures.measures.invalid == 1)
    #expect(report.ledger.count(of: .coarseTime) == 1)
  }

  @Test func `has losses where the kernel and trace-cmd say so`() throws {
    let report = try report(
      """
      # tracer: nop
      CPU 0/KVM-42 [000] ..... 1.000000001: kvm_vcpu_wakeup: wait time 5 ns, polling valid
      CPU:0 [LOST 123 EVENTS]
      CPU:1 [EVENTS DROPPED]
      CPU 0/KVM-42 [000] ..... 1.000000100: kvm_vcpu_wakeup: wait time 5 ns, polling valid
      """)
    #expect(report.lostEvents == 123)
    #expect(report.vcpus.first?.figures.gaps == 1)
    #expect(report.ledger.isIncomplete)
  }

  @Test func `names the place of a line that it cannot understand`() throws {
    let report = try report(
      """
      # tracer: nop
      CPU 0/KVM-42 [000] ..... 1.000000001: kvm_vcpu_wakeup: wait time 5 ns, polling valid
      CPU 0/KVM-42 [000] ..... 1.000000002: kvm_vcpu_wakeup: wait tim
      """)
    #expect(report.ledger.count(of: .damaged) == 1)
    #expect(report.ledger.entries.contains { $0.detail.contains("byte 99") })
  }

  @Test func `of a clock that is a counter has no rates`() throws {
    let report = try report(
      """
      # tracer: nop
      CPU 0/KVM-42 [000] ..... 17: kvm_vcpu_wakeup: wait time 50000 ns, polling valid
      CPU 0/KVM-42 [000] ..... 18: kvm_vcpu_wakeup: wait time 60000 ns, polling valid
      """)
    #expect(report.duration == nil)
    #expect(report.vcpus.first?.figures.measures.block.sum == 110_000)
    #expect(report.ledger.count(of: .clockIsNotTime) == 1)
  }

  @Test func `cut or changed anywhere is never an empty success, and never a crash`() throws {
    let whole = try Data(contentsOf: URL(filePath: Fixtures.trace("ftrace-text.txt.gz")))
    var random = SplitMix64(seed: 9)
    for _ in 0..<60 {
      let cut = whole.prefix(Int(random.next() % UInt64(whole.count)))
      #expect(throws: TraceFileError.self) { try report(Data(cut)) }
    }
    let reader = try #require(
      Compression.whole(try FileContent(path: Fixtures.trace("ftrace-text.txt.gz")).bytes))
    let text = try reader.all(
      of: try FileContent(path: Fixtures.trace("ftrace-text.txt.gz")).bytes, path: "-"
    ).text
    let bytes = Array(text.utf8)
    for _ in 0..<200 {
      var changed = Array(bytes.prefix(20_000))
      changed[Int(random.next() % UInt64(changed.count))] ^= UInt8(1 << (random.next() % 8))
      let report = try report(Data(changed))
      #expect(report.vcpus.contains { $0.figures.measures.halts > 0 })
    }
  }
}
