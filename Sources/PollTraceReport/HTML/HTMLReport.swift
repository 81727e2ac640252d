package import PollTrace
internal import PollTraceReplay

/// A report as one page of HTML that needs nothing else: pictures, tables, style and script within.
package struct HTMLReport {
  let report: Report
  let advice: ReportAdvice

  /// How many vCPUs, and VMs, are pictured: the worst; tables have all.
  static let pictured = 32
  static let picturedVMs = 6
  /// Into how many bins timelines are cut (`Timeline.Axis`).
  package static let bins = 240

  /// The page for `report`, whose vCPUs should have timelines of `bins` bins.
  package static func text(_ report: Report, _ advice: ReportAdvice) -> String {
    HTMLReport(report: report, advice: advice).page()
  }

  private func page() -> String {
    var page = Markup()
    page.literal("<!DOCTYPE html>\n")
    page.element("html", ["lang": "en"]) { html in
      html.element("head") { head in
        head.literal(
          """
          <meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">\
          <meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">\
          <meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; \
          form-action 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-
          """)
        head.literal(Script.hash)
        head.literal("'\"><link rel=\"icon\" href=\"data:,\">")
        head.element("title", "Halt polling: \(subject)")
        head.element("style") { $0.literal(StyleSheet.text) }
      }
      html.literal("\n")
      html.element("body") { body in
        writeHeader(to: &body)
        body.element("main") { writeSections(to: &$0) }
        body.element("footer") { $0.paragraphs(footer) }
        body.element("script") { $0.literal(Script.text) }
      }
    }
    return page.source + "\n"
  }

  /// Whom it is about.
  private var subject: String {
    let hosts = Set(report.traces.compactMap(\.trace.facts?.host).filter { !$0.isEmpty })
    if hosts.count == 1, let host = hosts.first { return host.terminal }
    guard report.traces.count == 1 else { return "\(report.traces.count) traces" }
    return report.traces[0].trace.path.fileName.terminal
  }

  private func writeHeader(to body: inout Markup) {
    body.element("header") { header in
      header.element("h1", "Halt polling: \(subject)")
      for trace in report.traces.prefix(8) {
        let words = TextDetails.headerWords(trace)
        header.element("p") { lines in
          lines.text(words.dropLast(2).joined(separator: " · "))
          for line in words.suffix(2) {
            lines.literal("<br>")
            lines.text(line)
          }
        }
      }
      if report.traces.count > 8 {
        header.element("p", "and \(report.traces.count - 8) further traces")
      }
      header.literal(
        """
        <nav aria-label="Sections"><a href="#vcpus">Who polls</a><a href="#lengths">Halts</a>\
        <a href="#windows">Windows</a><a href="#settings">Settings</a>\
        <a href="#heat">Over time</a><a href="#prediction">Prediction</a>\
        <a href="#ledger">Not known</a></nav>
        """)
    }
  }

  private func writeSections(to main: inout Markup) {
    Answer(report: report, advice: advice).write(to: &main)
    let side = report.isGuests ? PageSide.guest : .host
    VCPUList(report: report, side: side).write(to: &main)
    let pictures = Pictures(report, side)
    pictures.writeLengths(to: &main)
    pictures.writeWindows(to: &main)
    main.section("settings", "Other settings") { section in
      writeReplayed(to: &section, { FrontChart($0).write(to: &$1) }) {
        FrontChart($0).write(to: &$1)
      }
    }
    pictures.writeHeat(to: &main)
    main.section("prediction", "Predicted against recorded") { section in
      writeReplayed(to: &section, { FitChart($0).write(to: &$1) }) {
        FitChart($0).write(to: &$1)
      }
    }
    if !report.isGuests, report.traces.contains(where: { $0.guest != nil }) {
      SidesSection(report: report).write(to: &main)
      VCPUList(report: report, side: .guest, prefix: "guest-").write(to: &main)
      let pictures = Pictures(report, .guest, prefix: "guest-")
      pictures.writeLengths(to: &main)
      pictures.writeWindows(to: &main)
      pictures.writeHeat(to: &main)
    }
    LedgerList(ledger: report.ledger).write(to: &main)
  }

  /// What rests on a replay, with what speaks against trusting it; or why there is none.
  private func writeReplayed(
    to section: inout Markup, _ write: (Recommendation, inout Markup) -> Void,
    ofGuest writeGuests: (GuestRecommendation, inout Markup) -> Void
  ) {
    if case .notAsked(let why) = advice {
      section.lead("Nothing was replayed: \(why)")
      return
    }
    if advice.whyNot != nil {
      section.lead(
        "This recording carries no recommendation, and what follows is worth no more: "
          + (advice.whyNot ?? ""))
    }
    switch advice {
    case .recommendation(let value): write(value, &section)
    case .guest(let value): writeGuests(value, &section)
    case .notAsked: break
    }
  }

  private var footer: [String] {
    [
      "Made by polltrace report --format html. Shares of a CPU are means over \(report.isGuests ? "CPUs" : "vCPUs"); "
        + "after a failed poll \(report.isGuests ? "the CPU halts" : "the vCPU sleeps") anyway. docs/method.md says how each figure is computed and how far it can "
        + "be trusted."
    ]
  }
}
