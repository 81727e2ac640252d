internal import PollTrace

/// What is missing from the data, where it matters, and how well the rules describe the kernel.
struct DataGaps {
  let report: Report
  let style: Bars.Style
  /// Whether gaps are told that take nothing away from the figures.
  let showsAll: Bool

  /// A gap matters above this share of the halts.
  private static let share = 0.01

  var lines: [String] {
    let total = report.total
    let lines = LedgerLine.all(of: report.ledger).filter { showsAll || matters($0, total) }
    let checked = checked(total)
    let head =
      lines.isEmpty
      ? Paragraph.lines(
        "DATA GAPS  ", "none that matters" + (checked.map { "; \($0)" } ?? ""), indent: 11,
        width: style.width)
      : ["DATA GAPS"] + lines.flatMap(text) + (checked.map(line) ?? [])
    return [style.heading("DATA GAPS") + head[0].dropFirst(9)] + head.dropFirst()
      + report.traces.prefix(Self.most).flatMap { line(TextDetails.summary($0)) }
  }

  /// So many traces are named.
  private static let most = 3

  private func line(_ text: String) -> [String] {
    Paragraph.lines("  ", text, indent: 4, width: style.width)
  }

  private func text(_ line: LedgerLine) -> [String] {
    var lines = Paragraph.lines("  ", line.sentence, indent: 6, width: style.width)
    for place in line.further {
      lines += Paragraph.lines("      ", place, indent: 8, width: style.width)
    }
    if let remedy = line.kind.remedy {
      lines += Paragraph.lines("      ", remedy, indent: 6, width: style.width)
    }
    return lines
  }

  private func checked(_ total: Figures) -> String? {
    let fidelity = total.fidelity
    guard fidelity.recorded > 0 else { return nil }
    return "\(Numbers.grouped(fidelity.reproduced)) of \(Numbers.grouped(fidelity.recorded)) "
      + "kernel decisions reproduced"
  }

  /// Whether a reader should know of `line`.
  ///
  /// That is what makes the exit code 2, what is assumed, and what is missing of more than a hundredth.
  /// What belongs to the answer stands there.
  private func matters(_ line: LedgerLine, _ total: Figures) -> Bool {
    if line.kind.severity == .incomplete { return true }
    let halts = Double(total.measures.halts)
    let isMuch = { (of: Double) in Double(line.count) > Self.share * of }
    switch line.kind {
    case .windowUnknown, .windowInferred, .pollingRefused, .wakersUnknown: return isMuch(halts)
    case .pollNotMeasured:
      return isMuch(Double(total.kernelCounters.attemptedPolls))
    case .ceilingDiffers, .unknownOption, .oddLength, .foreignLines: return false
    default: return true
    }
  }
}
