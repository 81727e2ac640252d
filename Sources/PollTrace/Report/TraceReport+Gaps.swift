extension TraceReport {
  /// Enters everything into the ledger that the figures themselves show to be missing.
  mutating func noteGaps(rulesAreKnown: Bool) {
    let total = Figures(totalOf: vcpus.map(\.figures))
    noteLosses(total)
    if matchesNothing {
      ledger.note(.noMatch, 1, offer)
    } else if vcpus.isEmpty {
      ledger.note(.noHalts)
    }
    if !trace.clock.isTime { ledger.note(.clockIsNotTime, 1, "clock \(trace.clock.name)") }
    for vcpu in vcpus { noteIdentity(vcpu) }
    ledger.note(.windowUnknown, total.unknownWindows)
    ledger.note(.windowInferred, total.inferredWindows)
    ledger.note(.decisionWithoutWakeup, total.decisionsWithoutWakeup)
    ledger.note(.contradiction, total.fidelity.contradicted)
    if !vcpus.isEmpty {
      if source == .assumed { ledger.note(.parametersAssumed, 1, "rules \(settings.rules.name)") }
      if source != .assumed, !rulesAreKnown {
        ledger.note(.parametersAssumed, 1, "the rules of \(settings.rules.name)")
      }
      if !trace.hasSchedulerEvents { ledger.note(.noSchedulerEvents) }
    }
    // Nor can a clock that does not count time measure one.
    if trace.clock.isTime { ledger.note(.pollNotMeasured, total.account.unmeasured) }
    ledger.note(
      .pollingRefused,
      vcpus.reduce(0) { $0 + ($1.ceiling == 0 ? 0 : $1.figures.fidelity.refused) })
    noteCeilings()
  }

  private mutating func noteLosses(_ total: Figures) {
    for (cpu, events) in tally.lost.sorted(by: { $0.key < $1.key }) {
      ledger.note(.lostEvents, events, "CPU \(cpu.rawValue)")
    }
    ledger.note(.lostEvents, tally.lostOnAnyCPU, "on whatever CPU")
    ledger.note(.lostEvents, tally.uncountedLosses, "gaps of unknown size")
  }

  private mutating func noteIdentity(_ vcpu: VCPUReport) {
    let thread = "thread \(vcpu.identity.thread.rawValue)"
    if vcpu.identity.vcpu == nil { ledger.note(.vcpuUnknown, 1, thread) }
    if vcpu.identity.process == nil { ledger.note(.vmUnknown, 1, thread) }
  }

  private mutating func noteCeilings() {
    var named: Set<String> = []
    for vcpu in vcpus where vcpu.ceilingSource == .inferred {
      let vm =
        vcpu.identity.vm ?? vcpu.identity.process.map { "VM \($0.rawValue)" }
        ?? "thread \(vcpu.identity.thread.rawValue)"
      guard named.insert(vm).inserted else { continue }
      ledger.note(
        .ceilingDiffers, 1,
        "\(vm): \(vcpu.ceiling) ns, the parameter says \(parameters.ceiling) ns")
    }
  }
}

extension TraceReport {
  /// Which vCPUs there are and how long the trace is, for whoever asked for something else.
  package var offer: String {
    var vms: [(name: String, vcpus: [String])] = []
    for identity in leftOut {
      let process = identity.process.map { "pid \($0.rawValue)" }
      let name = identity.vm.map { name in name + (process.map { " (\($0))" } ?? "") }
      let vm = "VM \(name ?? process ?? "unknown")"
      if vms.last?.name != vm { vms.append((vm, [])) }
      vms[vms.count - 1].vcpus.append(
        identity.vcpu.map { "vCPU \($0)" } ?? "thread \(identity.thread.rawValue)")
    }
    let words = vms.map { "\($0.name) with \(Self.list($0.vcpus, ", ", "others"))" }
    return "there are \(Self.list(words, "; ", "further VMs"))\(within)"
  }

  /// So many VMs, and vCPUs of each, are offered by name.
  private static let offered = 8

  private static func list(_ names: [String], _ separator: String, _ others: String) -> String {
    let rest = names.count > offered ? ["\(names.count - offered) \(others)"] : []
    return (names.prefix(offered) + rest).joined(separator: separator)
  }

  /// From the first event to the last, which --from and --to count from; nothing without time.
  private var within: String {
    guard trace.clock.isTime, let first = tally.first, let last = tally.last else { return "" }
    let milliseconds = (last - first).rawValue / 1_000_000
    let rest = String(1_000 + milliseconds % 1_000).dropFirst()
    return ", within \(milliseconds / 1_000).\(rest) s"
  }
}

extension ReadTally {
  /// Whether events were lost of which nothing tells whose they were, so that each vCPU of `tracks`
  /// may lack some: nobody knows where, or they fit into no vCPU's gap.
  func lostEventsAreAnybodys(among tracks: HostTracks) -> Bool {
    if lostOnAnyCPU > 0 { return true }
    let isAny = uncountedLosses > 0 || lost.values.contains { $0 > 0 }
    return isAny && tracks.tracks.allSatisfy { $0.gaps == 0 }
  }
}
