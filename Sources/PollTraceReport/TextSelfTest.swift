package import PollTrace

/// A self-test as text: what it says of the kernel first, then what was compared.
package enum TextSelfTest {
  package static func text(_ test: SelfTest) -> String {
    let table = Table(
      ["load", "halts", "polls", "grows and shrinks as modelled", "KVM's counts"],
      test.outcomes.map(row))
    let differences = test.outcomes.flatMap(differences)
    return
      ([verdict(test), ""] + table.lines()
      + (differences.isEmpty ? [] : ["", "What differs:"] + differences)
      + [""]).joined(separator: "\n")
  }

  /// What the test says, and what to do.
  private static func verdict(_ test: SelfTest) -> String {
    let release = test.otherRulesByRelease.map { ", by its release \($0.name)" } ?? ""
    let rules = test.rules?.name ?? test.outcomes.map(\.rules.name).joined(separator: ", then of ")
    let kernel = "\(test.kernel.terminal), the algorithm of \(rules)\(release)"
    switch test.verdict {
    case .asModelled: return "This host's kernel behaves as modelled (\(kernel))."
    case .differs:
      return """
        This host's kernel does not behave as modelled (\(kernel)).
        Do not rely on predictions and recommendations made here, and report this text.
        """
    case .timesDiffer:
      return """
        This host's kernel grows, shrinks and counts as modelled (\(kernel)); times in polls differ.
        Other work on the host delays what is measured: try again while it is less busy.
        """
    case .lost:
      return """
        Nothing can be said of this host's kernel (\(kernel)): events were lost.
        Try again while the host is less busy.
        """
    case .tooFewPolls:
      return """
        Nothing can be said of this host's kernel (\(kernel)): it hardly polled.
        Look at the parameters (polltrace check): grow 0 keeps windows closed.
        """
    }
  }

  private static func row(_ outcome: SelfTest.Outcome) -> [String] {
    let fidelity = outcome.fidelity
    let off = outcome.vcpus.reduce(0) { $0 + $1.counters.differences.count }
    let compared = outcome.vcpus.reduce(0) { $0 + $1.counters.lines.count }
    return [
      outcome.load.title, Numbers.grouped(outcome.halts), Numbers.grouped(outcome.polls),
      "\(Numbers.grouped(fidelity.reproduced)) of \(Numbers.grouped(fidelity.recorded))",
      outcome.lost > 0
        ? "\(Numbers.grouped(outcome.lost)) events lost" : "\(compared - off) of \(compared) agree",
    ]
  }

  private static func differences(_ outcome: SelfTest.Outcome) -> [String] {
    guard outcome.lost == 0 else { return [] }
    var facts = outcome.missing.map { "vCPU \($0) ran, and is not in the trace" }
    if let first = outcome.fidelity.first {
      facts.append(
        "thread \(first.thread.rawValue), polling interval \(first.window) ns, halted for"
          + " \(first.block.rawValue) ns: \(move(first.recorded)), by the algorithm \(move(first.expected))"
      )
    }
    if let limit = outcome.limit, outcome.hasOtherLimit {
      facts.append("polling intervals stop at \(limit) ns, which nobody set")
    }
    if outcome.fidelity.refused > 0 {
      facts.append("no grow or shrink at \(Numbers.grouped(outcome.fidelity.refused)) halts")
    }
    for vcpu in outcome.vcpus {
      let who = vcpu.id.map { "vCPU \($0)" } ?? "all vCPUs"
      facts += vcpu.counters.differences.map {
        "\(who), \($0.name): \($0.rebuilt) by the trace, \($0.counted) by KVM"
      }
    }
    guard !facts.isEmpty else { return [] }
    let command = outcome.load.options.joined(separator: " ")
    return facts.map { "  \(outcome.load.title): \($0)" } + ["    load: haltload \(command)"]
  }

  private static func move(_ change: PollWindow.Change) -> String {
    switch change {
    case .moved(let move, let old, let new):
      "\(move == .grow ? "grow" : "shrink") from \(old) to \(new) ns"
    case .none: "no grow or shrink"
    }
  }
}
