package import PollTrace

/// The live view as lines of a terminal: a frame, what is said of the host, and the state, nothing else.
package struct TopScreen {
  /// A line, no longer than the screen is wide.
  package struct Line: Hashable, Sendable {
    package enum Emphasis: Hashable, Sendable { case none, bold, selected }
    package var text: String
    package var emphasis = Emphasis.none
  }

  let frame: CounterFrame
  let head: TopHead
  let state: TopState
  let columns: Int
  let height: Int

  package init(
    _ frame: CounterFrame, _ head: TopHead, _ state: TopState, columns: Int, lines: Int
  ) {
    self.frame = frame
    self.head = head
    self.state = state
    self.columns = columns
    height = lines
  }

  /// The lines, as many as the screen has or fewer.
  package var lines: [Line] {
    let top = head.lines(frame).map { Line(text: $0) }
    let foot = Line(text: footer)
    let room = max(0, height - top.count - 1)
    var body: [Line]
    switch state.mode {
    case .help: body = help.map { Line(text: $0) }
    case .detail: body = detail(room)
    case .table, .filtering, .delaying: body = table(room)
    }
    body = Array(body.prefix(room))
    body += Array(repeating: Line(text: ""), count: room - body.count)
    return (top + body + [foot]).suffix(height).map(clipped)
  }

  private func clipped(_ line: Line) -> Line {
    Line(text: line.text.clipped(to: columns), emphasis: line.emphasis)
  }

  private var footer: String {
    let order = TopColumn(state.order).map(\.title) ?? "VM, vCPU"
    switch state.mode {
    case .filtering(let text): return "Filter (name, pid, vcpu): \(Untrusted(text).terminal)_"
    case .delaying(let text): return "Delay in seconds: \(Untrusted(text).terminal)_"
    case .help, .detail: return "q back"
    case .table:
      let filter = state.filter.isEmpty ? "" : " · only \(Untrusted(state.filter).terminal)"
      return
        "\(state.isPaused ? "PAUSED · " : "")by \(order)\(state.isReversed ? ", least first" : "")"
        + "\(filter) · every \(Numbers.exactTime(state.delay.rawValue)) · h help  q quit"
    }
  }

  private var help: [String] {
    [
      "", "  up, down, j, k   choose a row          Enter   one vCPU in detail",
      "  s   sort by the next column            r   the other way round",
      "  /   show only what has a text          Esc   show all",
      "  p   pause                              d   seconds between two looks",
      "  h   this page                          q   quit", "",
      "  halts/s    how often the vCPU went idle",
      "  polled     share of halts that a poll ended before the vCPU slept",
      "  poll ok    share of a CPU in polls that a wake-up ended",
      "  wasted     share of a CPU in polls that were followed by sleep all the same",
    ] + (frame.trace == nil ? Self.counterHelp : Self.traceHelp)
  }

  private static let counterHelp = [
    "  wakes/s    wake-ups of the vCPU while it slept",
    "  p50, p99   below which length half, or 99 %, of the waits stayed (powers of two)",
    "", "  Counters know no windows and no decisions: record to get a recommendation.",
  ]

  private static let traceHelp = [
    "  window     how long the next poll may be; grow, shrink: the kernel's moves of it",
    "  block      how long halts lasted, polling included: half, or 99 %, no longer",
    "  wake       from the waking to the vCPU's running on, of halts that slept",
    "  *          may be too low: events may be lost, or its window is not known yet", "",
    "  A narrow terminal leaves columns out. Record to get a recommendation.",
  ]

  private func table(_ room: Int) -> [Line] {
    let rows = state.rows(frame)
    guard !rows.isEmpty else {
      let filter = Untrusted(state.filter).terminal
      let why = frame.vms.isEmpty ? "No VM runs." : "No VM matches \(filter)."
      return [Line(text: ""), Line(text: "  " + why)]
    }
    let notes = head.notes(frame, of: rows, most: max(0, min(3, room / 6)))
    let space = max(1, room - 1 - notes.count)
    let selection = state.selection(in: rows)
    let begin = min(max(0, selection - space / 2), max(0, rows.count - space))
    let shown = rows[begin..<min(rows.count, begin + space)]
    var lines = TopTable.lines(
      Array(shown), width: columns, indent: 1, isTraced: frame.trace != nil
    ).map { Line(text: $0) }
    lines[0].emphasis = .bold
    for index in lines.indices.dropFirst() where begin + index - 1 == selection {
      lines[index] = Line(text: ">" + lines[index].text.dropFirst(), emphasis: .selected)
    }
    lines += Array(repeating: Line(text: ""), count: max(0, room - notes.count - lines.count))
    return lines + notes.map { Line(text: $0) }
  }

  private func detail(_ room: Int) -> [Line] {
    guard let row = state.detailed(in: frame.rows) else {
      return [Line(text: ""), Line(text: "  It has ended.")]
    }
    let all = TopDetail.lines(row, head.parameters, columns: columns)
    return all.dropFirst(min(state.scrolled, max(0, all.count - room))).map { Line(text: $0) }
  }
}
