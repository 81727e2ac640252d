internal import PollTrace

extension TextDetails {
  /// A trace of a guest's own polling: a row a CPU, limits, lengths, decisions.
  mutating func add(_ report: TraceReport, _ guest: GuestReport) {
    guard guest.total.idles > 0 else {
      lines.append("  \(report.absence.explanation)")
      return
    }
    heading("Guest's CPUs")
    var rows = guest.cpus.map { ($0.label, $0.figures) }
    let total = guest.total
    if rows.count > 1 { rows.append(("all", total)) }
    let columns = FigureColumn<IdleFigures>.ofText
    let table = Table(
      [""] + columns.map(\.title),
      rows.map { label, figures in
        [LossMark.marked(label, gaps: figures.gaps)] + columns.map { $0.text(figures) }
      })
    lines += table.lines(width: style.tableWidth)
    for cpu in guest.cpus {
      let shares = cpu.figures.windows.shares.map {
        "\(Numbers.exactTime($0.window)) \(Numbers.percent($0.share))"
      }
      if shares.isEmpty { continue }
      lines += Self.wrapped("  \(cpu.label) limit, share of time: ", shares, ", ", style.width)
    }
    for (title, histogram) in [
      ("idle_ns, poll and halt together", total.idle), ("poll_ns", total.poll),
      ("halt_ns", total.halt),
    ] where histogram.count > 0 {
      heading(LossMark.marked(title, gaps: total.gaps))
      lines += Bars.lines(histogram, style)
    }
    addDecisions(guest, total.fidelity)
  }

  private mutating func addDecisions(_ guest: GuestReport, _ fidelity: LimitFidelity) {
    heading("Decisions of the haltpoll governor")
    lines.append(
      "  \(Numbers.grouped(fidelity.reproduced)) of \(Numbers.grouped(fidelity.recorded)) decisions"
        + " reproduced by the rules of \(guest.settings.rules.name)")
    if guest.sources.rulesAreInferred {
      lines.append("  the decisions show these rules; the kernel's release says others")
    }
    if fidelity.atEdge > 0 {
      lines.append(
        "  \(Numbers.grouped(fidelity.atEdge)) of them after halts that ended within 2 µs of a bound"
      )
    }
    if fidelity.delayed > 0, fidelity.contradicted == 0 {
      lines.append(
        "  \(Numbers.grouped(fidelity.delayed)) fit a shorter halt: the host took the CPU away as it ended"
      )
    }
    if fidelity.unknown > 0 {
      lines.append(
        "  \(Numbers.grouped(fidelity.unknown)) idle times could not be checked: their limit is not known"
      )
    }
    guard let first = fidelity.first else { return }
    lines += [
      "  first contradiction: CPU \(first.cpu.rawValue) at \(first.time.rawValue) ns, "
        + "halt \(first.halt.rawValue) ns, limit \(first.limit) ns",
      "    \(first.parameters.words)",
      "    the rules say \(Self.words(first.expected)), the kernel did \(Self.words(first.recorded))",
    ]
  }

  private static func words(_ change: GuestPollLimit.Change) -> String {
    switch change {
    case .none: "no decision"
    case .moved(let decision): "\(decision.move) \(decision.old) → \(decision.new)"
    }
  }

  /// A guest's parameters in the beginning, with where they are from, and its rules.
  static func words(_ guest: GuestReport) -> String {
    let words =
      Set(guest.sources.parameters).count == 1
      ? "\(guest.parameters.words) (\(guest.sources.overall.rawValue))"
      : zip(guest.parameters.words.split(separator: ", "), guest.sources.parameters)
        .map { "\($0) (\($1.rawValue))" }.joined(separator: ", ")
    return "\(words); rules of \(guest.settings.rules.name)"
  }

  /// How the guest idles, as its recorder saw.
  static func idling(_ facts: GuestFacts) -> String {
    let states = facts.states.map(\.terminal).joined(separator: ", ")
    return "guest: cpuidle driver \(facts.driver.terminal), governor \(facts.governor.terminal), "
      + "states \(states)"
  }
}
