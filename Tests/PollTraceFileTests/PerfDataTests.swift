import Fixtures
import Foundation
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// The content of a packed fixture.
func unpacked(_ name: String) throws -> [UInt8] {
  let packed = try Data(contentsOf: URL(filePath: Fixtures.trace(name)))
  let content = try PackedFile(Bytes(Array(packed)), path: name).content
  return (0..<content.count).map { content.load($0, as: UInt8.self) }
}

@Suite struct `A perf.data` {
  @Test(arguments: [false, true], [false, true])
  func `is read in both byte orders, from a file and from a pipe`(
    isBigEndian: Bool, isPipe: Bool
  ) throws {
    var builder = PerfBuilder(isBigEndian: isBigEndian)
    builder.addName("CPU 3/KVM")
    builder.addHalt(at: 2_000)
    builder.addHalt(at: 1_000, cpu: 0)
    builder.addHalt(at: 3_000)
    builder.addRound()
    let reader = try open(isPipe ? builder.pipe : builder.file)
    let (events, tally) = everything(in: reader)
    #expect(events.map(\.time.rawValue) == [2_000, 3_000, 1_000])
    #expect(events.map(\.cpu.rawValue) == [1, 1, 0])
    #expect(
      events.allSatisfy {
        $0.kind == .wakeup(block: 5_000, ending: .slept, isValid: true)
          && $0.thread == ThreadID(77)
      })
    #expect(tally.events == 3)
    #expect(reader.begin == Timestamp(1_000))
    let description = reader.description
    #expect(description.format == "perf.data")
    #expect(description.clock == .init(name: "mono", isTime: true))
    #expect(description.kernel == "6.1.0")
    #expect(description.names[ThreadID(77)] == "CPU 3/KVM")
    #expect(description.processes[ThreadID(77)] == ProcessID(76))
    if !isPipe {
      #expect(description.arch == "s390x")
      #expect(description.cpus == 4)
    }
    #expect(!reader.ledger.isIncomplete && !tally.ledger.isIncomplete)
  }

  @Test(
    arguments: [
      1 << 10 | 1 << 7 | 1 << 2, 1 << 10 | 1 << 7 | 1 << 5 | 1 << 2 | 1 << 0,
      1 << 16 | 1 << 10 | 1 << 7 | 1 << 4 | 1 << 2,
      1 << 10 | 1 << 8 | 1 << 7 | 1 << 5 | 1 << 4 | 1 << 2,
    ] as [UInt64])
  func `is read whatever its samples hold`(sampleType: UInt64) throws {
    var builder = PerfBuilder()
    builder.sampleType = sampleType
    builder.readFormat = 4
    builder.clock = nil
    builder.addHalt(at: 1_000)
    let reader = try open(builder.file)
    let (events, _) = everything(in: reader)
    #expect(events.map(\.kind) == [.wakeup(block: 5_000, ending: .slept, isValid: true)])
    #expect(reader.description.clock.name == "perf")
  }

  @Test func `without times has no rates`() throws {
    var builder = PerfBuilder()
    builder.sampleType = 1 << 10 | 1 << 7
    for _ in 0..<3 { builder.addHalt(at: 0) }
    let report = report(of: try open(builder.file))
    #expect(report.duration == nil)
    #expect(report.ledger.count(of: .clockIsNotTime) == 1)
    #expect(report.vcpus.map(\.figures.measures.halts) == [3])
  }

  @Test func `puts a loss before the event that follows it`() throws {
    var builder = PerfBuilder()
    builder.addHalt(at: 1_000)
    builder.addLoss(12, at: 2_050)
    builder.addHalt(at: 2_000)
    builder.addLostSamples(12)
    let (events, tally) = everything(in: try open(builder.file))
    #expect(events.map(\.what) == [.wakeup, .lost, .wakeup])
    #expect(events.map(\.time.rawValue) == [1_000, 2_000, 2_000])
    #expect(tally.lost == [CPU(1): 12])
    // The same twelve, counted by the kernel once more.
    #expect(tally.lostOnAnyCPU == 0)
  }

  @Test func `says how many samples the kernel lost at an unknown place`() throws {
    var builder = PerfBuilder()
    builder.addHalt(at: 1_000)
    builder.addLostSamples(7)
    let report = report(of: try open(builder.file))
    #expect(report.lostEvents == 7)
    #expect(report.ledger.count(of: .lostEvents) == 7)
    // They may be anybody's.
    #expect(report.vcpus.map(\.figures.gaps) == [1])
  }

  @Test func `goes on behind a damaged record`() throws {
    var builder = PerfBuilder()
    builder.addHalt(at: 1_000)
    builder.add(kind: 0, Array(repeating: 0xff, count: 40))
    for time in 2...6 { builder.addHalt(at: UInt64(time) * 1_000) }
    let (events, tally) = everything(in: try open(builder.file))
    #expect(events.count { $0.what == .wakeup } == 6)
    #expect(events.count { $0.what == .lost } == 1)
    #expect(tally.ledger.count(of: .damaged) == 1)
    #expect(tally.ledger.entries.first?.detail.terminal.contains("expected a record") == true)
  }

  @Test func `without the formats of events says so`() throws {
    var file = try unpacked("perf-file.data.zst")
    // The bit of HEADER_TRACING_DATA.
    file[72] &= ~2
    let error = #expect(throws: TraceFileError.self) { try open(file) }
    #expect(error?.description.contains("the event formats: expected those of tracepoints") == true)
  }

  @Test func `that perf did not finish is refused by name`() throws {
    var builder = PerfBuilder()
    builder.addHalt(at: 1_000)
    var file = builder.file
    for index in 48..<56 { file[index] = 0 }
    let error = #expect(throws: TraceFileError.self) { try open(file) }
    #expect(error?.description.contains("before it could write the formats") == true)
  }
}

@Suite struct `A recording of perf` {
  private static let names = ["perf-file", "perf-zstd", "perf-pipe"]

  @Test(arguments: names)
  func `has what KVM counted`(name: String) throws {
    let reader = try TraceFormats.open(path: Fixtures.trace("\(name).data.zst"))
    #expect(reader.description.clock.name == "perf")
    #expect(reader.description.kernel?.terminal.hasPrefix("6.18") == true)
    #expect(reader.description.cpus == 2)
    let report = report(of: reader)
    let truth = try Fixtures.truth(of: name)
    #expect(report.vcpus.count == truth.vcpus.count)
    for vcpu in report.vcpus {
      let real = try #require(truth.vcpu(of: vcpu.identity.thread.rawValue))
      let counters = vcpu.figures.kernelCounters
      #expect(counters.attemptedPolls == real.halt_attempted_poll)
      #expect(counters.successfulPolls == real.halt_successful_poll)
      #expect(vcpu.identity.process?.rawValue == truth.vm.pid)
      #expect(vcpu.figures.fidelity.reproduced == vcpu.figures.fidelity.recorded)
      #expect(vcpu.figures.measures.wakeLatency.count > 0)
    }
    #expect(!report.ledger.isIncomplete)
  }

  @Test func `has the events that perf script prints`() throws {
    try compare(
      everything(in: try TraceFormats.open(path: Fixtures.trace("perf-file.data.zst"))),
      everything(in: try TraceFormats.open(path: Fixtures.trace("perf-script.txt.zst"))))
  }

  @Test(
    .enabled(if: Tool.isThere("/usr/bin/perf"), "needs perf (apt-get install linux-perf)"),
    arguments: names)
  func `has the events that perf script prints here`(name: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "polltrace-\(UUID()).data")
    defer { try? FileManager.default.removeItem(at: file) }
    let content = try unpacked("\(name).data.zst")
    try Data(content).write(to: file)
    let text = try Tool.output(of: "/usr/bin/perf", ["script", "--ns", "-i", file.path])
    try compare(everything(in: try open(content)), everything(in: try open(text)))
  }

  /// Every event's time, thread, CPU and fields.
  private func compare(
    _ data: (events: [Event], tally: ReadTally), _ text: (events: [Event], tally: ReadTally)
  ) throws {
    func comparable(_ events: [Event]) -> [Event] {
      events.map { event in
        var event = Event(
          time: event.time, cpu: event.cpu, thread: event.thread, kind: event.kind)
        if event.what == .waking { (event.flag, event.isValid) = (false, false) }
        // An idle kernel thread's `I` says that it sleeps; the low bits of its state do not.
        if event.what == .switched { event.flag = false }
        return event
      }.sorted {
        ($0.time.rawValue, $0.what.rawValue, $0.subject.rawValue)
          < ($1.time.rawValue, $1.what.rawValue, $1.subject.rawValue)
      }
    }
    let isSame = comparable(data.events) == comparable(text.events)
    #expect(isSame)
    #expect(data.events.count > 300)
    #expect(data.tally.events == text.tally.events)
  }
}
