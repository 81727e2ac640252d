import Fixtures
import Foundation
import PollTrace
import PollTraceAnalysis
import PollTraceFile
import Testing

/// Inputs that once failed, and some hundred changed ones: the fuzzer itself runs by `make fuzz`.
@Suite struct `Any bytes at all` {
  static let regressions: [String] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "regressions")
    return (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted())
      .map { $0.map { folder.appending(path: $0).path } } ?? []
  }()

  @Test(arguments: regressions)
  func `that once failed are taken`(path: String) throws {
    WholePath.runAll([UInt8](try Data(contentsOf: URL(filePath: path))), variants: 0..<12)
  }

  /// Times of events that no sum may trap on.
  private static let stamps: [[UInt64]] = [
    [0], [.max], [0, .max], [.max, 0], [1 << 63 - 1, 1 << 63, 1 << 63 + 1],
    [0, 1 << 62, 1 << 63, .max],
    [1 << 61, 1 << 62],
  ]

  private static func events(at stamps: [UInt64]) -> [Event] {
    (0..<60).flatMap { number -> [Event] in
      let time = Timestamp(stamps[number % stamps.count])
      let block = Nanoseconds([50_000, .max, 0, 1 << 63, 1 << 32][number % 5])
      let (cpu, thread) = (CPU(0), ThreadID(4_711))
      return [
        Event(
          time: time, cpu: cpu, thread: thread, kind: .switched(next: .idle, stillRunnable: false)),
        Event(
          time: time, cpu: CPU(1), thread: ThreadID(5),
          kind: .waking(woken: thread, target: cpu, context: .interrupt)),
        Event(
          time: time, cpu: cpu, thread: thread,
          kind: .decision(Decision(.grow, vcpu: 0, old: 10_000, new: 20_000))),
        Event(
          time: time, cpu: cpu, thread: thread,
          kind: .wakeup(block: block, ending: number % 3 == 0 ? .polled : .slept, isValid: true)),
      ]
    }
  }

  @Test(arguments: stamps.indices)
  func `at the ends of their clock are taken`(index: Int) {
    let events = Self.events(at: Self.stamps[index])
    var perf = PerfBuilder()
    for event in events {
      guard case .wakeup(let block, let ending, _) = event.kind else { continue }
      perf.addHalt(at: event.time.rawValue, block: block.rawValue, ending: ending)
    }
    // A page's times do not run backwards.
    var traceDat = TraceBuilder(events.sorted { $0.time < $1.time })
    traceDat.stamps = .absolute
    for file in [FtraceLines.file(FtraceLines.all(events)), perf.file, traceDat.file] {
      WholePath.runAll(file, variants: 0..<4)
    }
  }

  @Test(arguments: [6, 7], ["9223372036854775807", "-9223372036854775808", "0xffffffffffffffff"])
  func `that move times beyond them are taken`(version: Int, offset: String) {
    for options in [[(1, offset)], [(7, offset)], [(1, offset), (7, offset)]]
      as [[(UInt16, String)]]
    {
      var builder = TraceBuilder(Self.events(at: [1 << 58]))
      builder.version = version
      for (id, text) in options { builder.add(option: id, text) }
      WholePath.runAll(builder.file, variants: 0..<4)
    }
  }

  private static let seeds = SmallTraces.all + SmallTraces.otherFormats

  @Test(arguments: SmallTraces.otherFormats.indices)
  func `begin with a trace that is read`(index: Int) throws {
    let (name, file) = SmallTraces.otherFormats[index]
    let analysis = TraceAnalysis(
      try TraceFormats.open(file, path: name), AnalysisOptions(), threads: 1)
    #expect(analysis.report.vcpus.reduce(0) { $0 + $1.figures.measures.halts } >= 2, "\(name)")
  }

  @Test(arguments: seeds.indices)
  func `made of a trace by chance are taken`(index: Int) {
    var mutator = Mutator(seed: UInt64(index))
    let variants = index % 12..<index % 12 + 1
    WholePath.runAll(Self.seeds[index].file, variants: variants)
    WholePath.runAll(mutator.mutated(Self.seeds[index].file), variants: variants)
    WholePath.runAll(mutator.renumbered(Self.seeds[index].file), variants: variants)
  }
}
