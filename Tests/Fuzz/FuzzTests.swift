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
