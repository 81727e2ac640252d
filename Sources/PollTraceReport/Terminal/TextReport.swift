package import PollTrace
internal import PollTraceReplay

/// A report as text for people: the answer, who polls, how long halts are, what is missing; details
/// where asked for.
package struct TextReport {
  /// What is shown beside the answer.
  package enum Extent: Hashable, Sendable {
    case answer
    /// Each figure, of the vCPUs that waste the most polling where there are many.
    case details
    /// The same of every vCPU.
    case all
  }

  /// Writes `report` for a place as `style` says.
  package static func text(
    _ report: Report, _ advice: ReportAdvice, _ style: Bars.Style = Bars.Style(),
    _ extent: Extent = .answer
  ) -> String {
    var parts = [TextAnswer(advice: advice, report: report, style: style).lines]
    parts.append(WhoPolls(report: report, style: style, showsAll: extent == .all).lines)
    parts.append(TextSides(report: report, style: style).lines)
    let total = report.total
    if total.measures.block.count > 0 {
      let limits = Set(report.traces.map(\.parameters.ceiling))
      parts.append(
        [
          style.heading("HALT LENGTHS")
            + " (\(Numbers.grouped(total.measures.halts)) halts of all vCPUs)"
        ]
          + HaltLengths(total.measures.block).lines(
            style, limit: limits.count == 1 ? limits.first : nil))
    }
    parts.append(
      DataGaps(report: report, style: style, showsAll: extent != .answer).lines)
    if extent == .answer {
      parts.append(TextDetails.guests(report, style))
    } else {
      parts += TextDetails.parts(report, advice, style, all: extent == .all)
    }
    return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
      .joined(separator: "\n")
  }

  /// The four parameters in the kernel's words.
  package static func words(_ parameters: PollParameters) -> String {
    "halt_poll_ns \(parameters.ceiling), grow \(parameters.grow), "
      + "grow_start \(parameters.growStart), shrink \(parameters.shrink)"
  }
}

extension Bars.Style {
  /// `text` as a heading, where the place shows that.
  func heading(_ text: String) -> String { isColoured ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
}
