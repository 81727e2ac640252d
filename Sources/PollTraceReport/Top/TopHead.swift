package import PollTrace

/// What a frame says of the host, in two lines, and of what cannot be seen.
package struct TopHead: Hashable, Sendable {
  package var kernel: Untrusted
  package var parameters: PollParameters?
  /// Share of a CPU that polltrace itself took since the frame before.
  package var ownShare: Double?
  /// CPU time that polltrace has taken in all, and for reading this frame's counters.
  package var cpuTime = Nanoseconds.zero
  package var readTime = Nanoseconds.zero
  /// Where figures come from.
  package var source = CountedVM.Source.counters
  /// What else is to be said, fit for a terminal.
  package var remarks: [String] = []

  package init(
    kernel: Untrusted, parameters: PollParameters?, ownShare: Double?, cpuTime: Nanoseconds = .zero,
    readTime: Nanoseconds = .zero, source: CountedVM.Source = .counters, remarks: [String] = []
  ) {
    self.source = source
    self.remarks = remarks
    self.kernel = kernel
    self.parameters = parameters
    self.ownShare = ownShare
    self.cpuTime = cpuTime
    self.readTime = readTime
  }

  /// The lines above a table.
  package func lines(_ frame: CounterFrame) -> [String] {
    let settings =
      parameters.map {
        "halt_poll_ns \($0.ceiling) grow \($0.grow) start \($0.growStart) shrink \($0.shrink)"
      }
      ?? "halt_poll_ns cannot be read"
    let vcpus = frame.vms.reduce(0) { $0 + max($1.vm.vcpuCount ?? 0, $1.vcpus.count) }
    let host = frame.host
    return [
      "\(origin(frame)) · \(settings) · Linux \(kernel.terminal)",
      "\(frame.vms.count) VMs, \(vcpus) vCPUs: \(Numbers.fixed(host.halts, 0)) halts/s, polls"
        + " \(Numbers.percent(host.successfulShare)) ok \(Numbers.percent(host.wastedShare)) wasted"
        + ownShare.map { " · polltrace \(Numbers.percent($0))" }.shown,
    ]
  }

  /// Where figures come from, and what of a trace was lost in all.
  private func origin(_ frame: CounterFrame) -> String {
    guard let trace = frame.trace else { return source.rawValue }
    if trace.isDamaged { return "trace, DAMAGED" }
    return trace.lostInAll == 0
      ? "trace, none lost" : "trace, \(Numbers.grouped(trace.lostInAll)) LOST"
  }

  /// What looks wrong, the most wasteful first, and VMs that cannot be seen in full.
  ///
  /// Of the VMs whose `rows` are shown; all where that is nil.
  package func notes(_ frame: CounterFrame, of rows: [CounterRow]? = nil, most: Int) -> [String] {
    let rows = rows ?? frame.rows
    var notes = remarks
    if frame.trace != nil { notes += rows.compactMap(contradictions) }
    if let parameters {
      for place in CounterOrder.wasted.places(of: rows) where notes.count < most {
        if let note = pattern(rows[place], parameters) { notes.append(note) }
      }
    }
    for vm in frame.vms {
      guard let lack = vm.vm.lack, rows.contains(where: { $0.process == vm.vm.process }) else {
        continue
      }
      notes.append(
        "\(TopTable.label(vm.total)): \(Self.shown(vm.vm.source)); \(lack.explanation) (\(lack.remedy))"
      )
    }
    return Array(notes.prefix(most))
  }

  /// Decisions of a row in the interval that the rules do not give: its windows may be others.
  private func contradictions(_ row: CounterRow) -> String? {
    guard let traced = row.traced, traced.contradicted > 0 else { return nil }
    return
      "\(TopTable.label(row)): \(Numbers.grouped(traced.contradicted)) decisions are not as the"
      + " rules say: do not trust its windows; record and report tell more"
  }

  /// What a row looks like; nil where nothing looks wrong.
  private func pattern(_ row: CounterRow, _ parameters: PollParameters) -> String? {
    row.pattern(parameters).map {
      "\(TopTable.label(row)): \($0.explanation); record 30 s now: polltrace record"
        + " --vm \(row.process.rawValue)"
    }
  }

  private static func shown(_ source: CountedVM.Source) -> String {
    switch source {
    case .counters, .trace: "not all of it is seen"
    case .debugfs: "sums only"
    case .none: "not seen"
    }
  }
}

extension Optional<String> {
  /// The text, or nothing.
  fileprivate var shown: String { self ?? "" }
}

/// Frames as plain tables, one after the other.
package enum TextTop {
  /// A frame with all its rows, sorted by `order`, and an empty line at its end.
  package static func text(
    _ frame: CounterFrame, _ head: TopHead, order: CounterOrder = .wasted
  ) -> String {
    let table =
      frame.rows.isEmpty
      ? ["No VM runs."]
      : TopTable.lines(order.sorted(frame.rows), isTraced: frame.trace != nil)
    let lines = head.lines(frame) + table + head.notes(frame, most: .max)
    return lines.joined(separator: "\n") + "\n\n"
  }
}
