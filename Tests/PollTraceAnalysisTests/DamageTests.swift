import Fixtures
import Foundation
import PollTraceFile
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// What `polltrace report` makes of some bytes.
private enum Outcome: Equatable {
  /// Exit code 1, and what is said.
  case refused(String)
  /// Exit code 2, and what is missing.
  case incomplete([String])
  /// Exit code 0, with that many halts.
  case done(UInt64)

  init(_ file: [UInt8]) {
    do {
      let report = TraceAnalysis(
        try TraceFormats.open(file, path: "t.dat"), AnalysisOptions(), threads: 1
      ).report
      let missing = report.ledger.entries.filter { $0.kind.severity == .incomplete }
      self =
        missing.isEmpty
        ? .done(Figures(totalOf: report.vcpus.map(\.figures)).measures.halts)
        : .incomplete(missing.map { $0.kind.explanation + $0.detail.terminal })
    } catch {
      self = .refused(error.description)
    }
  }

  /// Whether something is said, at exit code 1 or 2.
  var isSaid: Bool {
    switch self {
    case .refused(let words): words.hasPrefix("t.dat") && words.contains("\n  ")
    case .incomplete(let words): words.allSatisfy { !$0.isEmpty }
    case .done: false
    }
  }
}

/// A recorded trace, and where its pages begin.
private struct Recorded {
  var file: [UInt8]
  var firstPage: Int

  init(_ name: String) throws {
    let file = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.trace("\(name).dat"))))
    let mark = Array("flyrecord\0".utf8)
    let begin = file.indices.first { file[$0...].starts(with: mark) } ?? 0
    let table = begin + mark.count
    self.file = file
    firstPage = (0..<8).reduce(0) { $0 | Int(file[table + $1]) << ($1 * 8) }
  }
}

@Suite struct `A damaged trace` {
  /// At every seventh byte of one, at a sample of them in the others.
  @Test(arguments: Fixtures.names)
  func `cut anywhere in its head is refused`(name: String) throws {
    let recorded = try Recorded(name)
    for length in stride(from: 0, to: recorded.firstPage, by: name == "bimodal" ? 7 : 311) {
      let outcome = Outcome(Array(recorded.file[..<length]))
      #expect(outcome.isSaid, "cut at \(length): \(outcome)")
    }
  }

  /// Every page's begin in small traces, a sample of them in larger ones.
  @Test(arguments: Fixtures.names)
  func `cut between its pages says what is missing`(name: String) throws {
    let recorded = try Recorded(name)
    let pages = Array(stride(from: recorded.firstPage, to: recorded.file.count, by: 4_096))
    for length in stride(from: 0, to: pages.count, by: max(1, pages.count / 3)).map({ pages[$0] }) {
      let outcome = Outcome(Array(recorded.file[..<length]))
      #expect(outcome.isSaid, "cut at \(length): \(outcome)")
    }
  }

  /// A page that says it holds nothing, and one of zeros: what is missing there never looks like a
  /// kernel that breaks its rules.
  @Test(arguments: Fixtures.names)
  func `that lacks a page says so, and starts each window anew behind it`(name: String) throws {
    let recorded = try Recorded(name)
    let pages = (recorded.file.count - recorded.firstPage) / 4_096
    let whole = try report(of: recorded.file)
    for page in stride(from: 1, to: pages - 1, by: max(1, pages / 5)) {
      let begin = recorded.firstPage + page * 4_096
      // The page of a CPU that holds one page alone has nothing behind it.
      let length = Int(recorded.file[begin + 8]) | Int(recorded.file[begin + 9]) << 8
      guard length > 3_500 else { continue }
      for damage in Damage.allCases {
        var file = recorded.file
        switch damage {
        case .emptied: file[begin + 8..<begin + 16] = [0, 0, 0, 0, 0, 0, 0, 0]
        case .zeroed: file[begin..<begin + 4_096] = Array(repeating: 0, count: 4_096)[...]
        }
        let report = try report(of: file)
        let figures = Figures(totalOf: report.vcpus.map(\.figures))
        #expect(figures.fidelity.contradicted == 0, "page \(page) \(damage)")
        #expect(
          report.vcpus.map(\.ceiling) == whole.vcpus.map(\.ceiling), "page \(page) \(damage)")
        #expect(report.ledger.count(of: .damaged) > 0, "page \(page) \(damage)")
      }
    }
  }

  private enum Damage: CaseIterable { case emptied, zeroed }

  @Test(arguments: Fixtures.names)
  func `cut or changed at a few places is never silent`(name: String) throws {
    let recorded = try Recorded(name)
    var mutator = Mutator(seed: 1)
    for _ in 0..<Places.recorded {
      let length = mutator.place(in: recorded.file)
      let outcome = Outcome(Array(recorded.file[..<length]))
      #expect(outcome.isSaid, "cut at \(length): \(outcome)")
      _ = Outcome(mutator.flipped(recorded.file))
    }
  }

  /// The first pages of recorded traces and built ones of every form and compression.
  @Test(arguments: SmallTraces.all.indices)
  func `that is small is never silent wherever it is cut`(index: Int) throws {
    let (name, file) = SmallTraces.all[index]
    var mutator = Mutator(seed: UInt64(index))
    for _ in 0..<Places.small(name) {
      let length = mutator.place(in: file)
      let outcome = Outcome(Array(file[..<length]))
      #expect(outcome.isSaid, "\(name) cut at \(length): \(outcome)")
    }
  }

  @Test func `whose number of CPUs is 0 says so`() throws {
    var file = try #require(SmallTraces.all.first { $0.name == "plain-v6-none" }?.file)
    let options = try #require(place(of: "options  \0", in: file))
    file[options - 4..<options] = [0, 0, 0, 0]
    #expect(
      said(of: file).contains { $0.hasSuffix("the number of CPUs: expected 1 or more, found 0") })
  }

  /// A BUFFER option whose number became that of KALLSYMS: its instance would be missing unnoticed.
  @Test func `whose option points at another's section says so`() throws {
    var file = try #require(SmallTraces.all.first { $0.name == "instance-v7-none" }?.file)
    // Number, size and offset stand before the name.
    let option = try #require(place(of: "one\0mono", in: file)) - 14
    try #require(file[option] == 3)
    file[option] = 19
    #expect(
      said(of: file).contains { $0.hasSuffix("section kallsyms: expected number 19, found 3") })
  }

  private func place(of words: String, in file: [UInt8]) -> Int? {
    file.indices.first { file[$0...].starts(with: Array(words.utf8)) }
  }

  private func said(of file: [UInt8]) -> [String] {
    guard case .incomplete(let words) = Outcome(file) else { return [] }
    return words
  }

  @Test(arguments: SmallTraces.all.indices)
  func `that is small survives whatever bit is turned over`(index: Int) throws {
    let (name, file) = SmallTraces.all[index]
    var mutator = Mutator(seed: UInt64(index))
    for _ in 0..<Places.small(name) {
      let outcome = Outcome(mutator.flipped(file))
      // trace-cmd's zstd frames have no checksum: a bit can turn `kvm` into another word throughout.
      #expect(outcome != .done(0) || name.hasSuffix("zstd"), "\(name): an empty success")
    }
  }
}
