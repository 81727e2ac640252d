import PollTrace
import PollTraceAnalysis
import PollTraceFile
import PollTraceReplay
import PollTraceReport

/// The whole path from bytes to each thing that a user can ask `polltrace` for.
///
/// Every input is opened, decoded, analysed and made ready for replay, once for all that is asked of it.
/// Each input is asked one of the 14 asks, which its own bytes choose: all asks equally often, and the
/// same one when the input is run again. One input in 50 is asked everything, and one in 50 tries the
/// thousands of settings that `sweep` and `recommend` try (else 3 settings, with the greatest values).
/// Nothing is written, and one thread does it all: a run must do the same each time.
enum WholePath {
  /// Takes `input` through what its bytes choose.
  static func run(_ input: [UInt8]) {
    var choice = hash(input)
    let isAskedAll = choice.draw(50) == 0
    let grid = choice.draw(50) == 0 ? PollGrid.standard : few
    let ask = Ask.allCases[choice.draw(Ask.allCases.count)]
    run(input, isAskedAll ? Ask.allCases : [ask], grid, variant: choice.draw(48))
  }

  /// Takes `input` through all that can be asked, in each of `variants`.
  static func runAll(_ input: [UInt8], variants: Range<Int>) {
    for variant in variants { run(input, Ask.allCases, few, variant: variant) }
    run(input, [.sweep, .balanced], PollGrid.standard, variant: 0)
  }

  private static func run(_ input: [UInt8], _ asks: [Ask], _ grid: PollGrid, variant: Int) {
    let reader: any TraceReader
    do {
      reader = try TraceFormats.open(input, path: "input")
    } catch {
      return precondition(!error.description.isEmpty)
    }
    let analysis = analysis(reader, AnalysisOptions())
    precondition(analysis.passes <= 2)
    let report = Report([analysis.report])
    precondition(!report.total.measures.block.buckets.isEmpty || !report.ledger.entries.isEmpty)
    let subject = Ask.Subject(
      reader: reader, report: report, vcpus: analysis.recorded().vcpus(), grid: grid,
      variant: variant)
    for ask in asks { ask.run(subject) }
  }

  /// What every ask but an export begins with.
  static func analysis(_ reader: any TraceReader, _ options: AnalysisOptions) -> TraceAnalysis {
    var request = TraceAnalysis.Request()
    request.bins = HTMLReport.bins
    request.logged = 10_000
    return TraceAnalysis(reader, options, request, threads: 1)
  }

  /// Few settings, the greatest values among them: what is replayed comes from the bytes as well.
  static let few = PollGrid([
    PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2),
    PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 0),
    PollParameters(ceiling: .max, grow: .max, growStart: .max, shrink: 1),
  ])

  /// FNV-1a of the bytes.
  private static func hash(_ input: [UInt8]) -> UInt64 {
    input.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}

extension UInt64 {
  /// Some number below `count`; what is left chooses the next one.
  fileprivate mutating func draw(_ count: Int) -> Int {
    defer { self = (self ^ self >> 29) &* 0xbf58_476d_1ce4_e5b9 }
    return Int((self >> 16) % UInt64(count))
  }
}
