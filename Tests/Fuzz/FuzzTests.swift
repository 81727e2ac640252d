import Fixtures
import Foundation
import Testing

/// Inputs that once failed, and some thousand mutated ones: the fuzzer itself runs by `make fuzz`.
@Suite struct `Any bytes at all` {
  static let regressions: [String] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "regressions")
    return (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted())
      .map { $0.map { folder.appending(path: $0).path } } ?? []
  }()

  @Test(arguments: regressions)
  func `that once failed are taken`(path: String) throws {
    WholePath.run([UInt8](try Data(contentsOf: URL(filePath: path))))
  }

  @Test(arguments: SmallTraces.all.indices)
  func `made of a trace by chance are taken`(index: Int) {
    var mutator = Mutator(seed: UInt64(index))
    WholePath.run(SmallTraces.all[index].file)
    for _ in 0..<50 {
      WholePath.run(mutator.mutated(SmallTraces.all[index].file), withAdvice: false)
    }
  }
}
