internal import PollTrace

/// What could not be known, each gap with its count and what to do about it.
struct LedgerList {
  let ledger: Ledger

  func write(to page: inout Markup) {
    page.section("ledger", "What could not be known") { section in
      guard !ledger.entries.isEmpty else {
        section.element("p", "Nothing is missing.")
        return
      }
      section.element("dl", ["class": "ledger"]) { list in
        for line in LedgerLine.all(of: ledger) {
          let isMissing = line.kind.severity == .incomplete
          list.element("dt", isMissing ? ["class": "missing"] : [:], line.sentence)
          for place in line.further { list.element("dd", ["class": "place"], place) }
          list.element("dd", line.kind.remedy ?? "Nothing needs to be done.")
        }
      }
    }
  }
}
