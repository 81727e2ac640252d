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

  package init(
    kernel: Untrusted, parameters: PollParameters?, ownShare: Double?, cpuTime: Nanoseconds = .zero,
    readTime: Nanoseconds = .zero
  ) {
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
      "\(settings) · Linux \(kernel.terminal)",
      "\(frame.vms.count) VMs, \(vcpus) vCPUs: \(Numbers.fixed(host.halts, 0)) halts/s, polls"
        + " \(Numbers.percent(host.successfulShare)) ok \(Numbers.percent(host.wastedShare)) wasted"
        + ownShare.map { " · polltrace \(Numbers.percent($0))" }.shown,
    ]
  }

  /// What looks wrong, the most wasteful first, and VMs that cannot be seen in full.
  package func notes(_ frame: CounterFrame, most: Int) -> [String] {
    var notes = parameters.map { patterns(frame, $0) } ?? []
    notes += frame.vms.compactMap { vm in
      vm.vm.lack.map {
        "\(TopTable.label(vm.total)): \(Self.shown(vm.vm.source)); \($0.explanation) (\($0.remedy))"
      }
    }
    return Array(notes.prefix(most))
  }

  private func patterns(_ frame: CounterFrame, _ parameters: PollParameters) -> [String] {
    CounterOrder.wasted.sorted(frame.rows).compactMap { row in
      row.pattern(parameters).map {
        "\(TopTable.label(row)): \($0.explanation); record 30 s now: polltrace record"
          + " --vm \(row.process.rawValue)"
      }
    }
  }

  private static func shown(_ source: CountedVM.Source) -> String {
    switch source {
    case .counters: "not all of it is seen"
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
      frame.vms.isEmpty
      ? ["No VM runs."] : TopTable.lines(order.sorted(frame.rows))
    let lines = head.lines(frame) + table + head.notes(frame, most: .max)
    return lines.joined(separator: "\n") + "\n\n"
  }
}
