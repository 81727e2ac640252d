extension TraceReport {
  /// Enters everything into the ledger that the figures themselves show to be missing.
  ///
  /// `ceilingBounds` is what decisions say of a ceiling that was not recorded, in ns; `signs` are asked for
  /// where there are no halts.
  package mutating func noteGaps(
    rulesAreKnown: Bool, ceilingBounds: ClosedRange<UInt32>?, guestDecisions: UInt64 = 0,
    signs: () -> VMSigns
  ) {
    let total = Figures(totalOf: vcpus.map(\.figures))
    noteLosses()
    if matchesNothing {
      ledger.note(.noMatch, 1, offer)
    } else if vcpus.isEmpty {
      noteAbsence(signs(), guestDecisions)
    } else if !wakeupsAreRecorded {
      ledger.note(.wakeupsNotRecorded)
    }
    if !trace.clock.isTime { ledger.note(.clockIsNotTime, 1, "clock \(trace.clock.name)") }
    for vcpu in vcpus { noteIdentity(vcpu) }
    if !vcpus.isEmpty, !decisionsAreRecorded {
      ledger.note(.decisionsNotRecorded)
    } else {
      ledger.note(.windowUnknown, total.unknownWindows)
    }
    ledger.note(.windowInferred, total.inferredWindows)
    ledger.note(.decisionWithoutWakeup, total.decisionsWithoutWakeup)
    ledger.note(.missingEvents, total.gapsShown)
    ledger.note(.contradiction, total.fidelity.contradicted)
    if !vcpus.isEmpty {
      noteSources(rulesAreKnown: rulesAreKnown, ceilingBounds)
      if !trace.hasSchedulerEvents { ledger.note(.noSchedulerEvents) }
    }
    // Nor can a clock that does not count time measure one.
    if trace.clock.isTime { ledger.note(.pollNotMeasured, total.account.unmeasured) }
    ledger.note(
      .pollingRefused,
      vcpus.reduce(0) { $0 + ($1.ceiling == 0 ? 0 : $1.figures.fidelity.refused) })
    noteCeilings()
  }

  /// The same of a guest's trace.
  package mutating func noteGuestGaps(
    _ guest: GuestReport, decisionsWithoutHalt: UInt64, isSelective: Bool
  ) {
    noteLosses()
    let total = guest.total
    if total.idles == 0 {
      if isSelective {
        ledger.note(.noMatch, 1, "a guest's CPUs are chosen with --vcpu")
      } else {
        ledger.note(.neverIdle)
      }
    }
    if !isSelective { noteUntraced(guest) }
    if !trace.clock.isTime { ledger.note(.clockIsNotTime, 1, "clock \(trace.clock.name)") }
    ledger.note(.windowUnknown, total.unknownLimits)
    ledger.note(.decisionWithoutWakeup, decisionsWithoutHalt)
    ledger.note(.missingEvents, total.gapsShown)
    ledger.note(.contradiction, total.fidelity.contradicted)
    let rules: [Untrusted] =
      guest.sources.rulesAreKnown || guest.sources.rulesAreInferred
      ? [] : ["the rules of \(guest.settings.rules.name)"]
    for (source, kind) in [
      (ParameterSource.assumed, Ledger.Kind.parametersAssumed), (.inferred, .parametersInferred),
    ] {
      let names = zip(GuestPollLimit.Parameters.names, guest.sources.parameters)
        .filter { $0.1 == source }.map { Untrusted($0.0) }
      let all = names + (source == .assumed ? rules : [])
      if !all.isEmpty { ledger.note(kind, 1, .joined(all, by: ", ")) }
    }
  }

  /// Holds each CPU's halts against what the kernel counted from a little before the recording to a little
  /// behind it.
  private mutating func noteUntraced(_ guest: GuestReport) {
    for (cpu, counted) in (trace.facts?.guest?.halts ?? [:]).sorted(by: { $0.key < $1.key }) {
      let figures = guest.cpus.first { $0.cpu == cpu }?.figures
      let traced = figures?.halted ?? 0
      // What was lost is said already.
      guard figures?.gaps ?? 0 == 0, counted > traced, counted - traced > 10 + counted / 50
      else { continue }
      ledger.note(
        .idlesNotTraced, counted - traced, "CPU \(cpu.rawValue), of \(counted) halts")
    }
  }

  /// Says why there are no halts, as far as `signs` tell.
  private mutating func noteAbsence(_ signs: VMSigns, _ guestDecisions: UInt64) {
    // A halt that was going on at the end has its exit in the trace and no wake-up.
    let areMissing = signs.haltExits > UInt64(signs.threads.count)
    if signs.showVM, trace.wakeupsAreRecorded != true || areMissing {
      ledger.note(.wakeupsNotRecorded, 1, Untrusted(signs.words))
    } else if guestDecisions > 0 {
      ledger.note(.guestTrace, guestDecisions)
    } else if signs.showVM {
      ledger.note(.guestIdles, 1, Untrusted(signs.words))
    } else {
      ledger.note(.noHalts)
    }
  }

  /// Says which parameters nobody recorded.
  private mutating func noteSources(rulesAreKnown: Bool, _ ceilingBounds: ClosedRange<UInt32>?) {
    let names = ["halt_poll_ns", "grow", "grow_start", "shrink"]
    let assumed = zip(names, sources.all).filter { $0.1 == .assumed }.map(\.0)
    if !assumed.isEmpty || !rulesAreKnown {
      let rules = rulesAreKnown ? [] : ["the rules of \(settings.rules.name)"]
      ledger.note(.parametersAssumed, 1, Untrusted((assumed + rules).joined(separator: ", ")))
    }
    let inferred = zip(names, sources.all).filter { $0.1 == .inferred }.map(\.0)
    if !inferred.isEmpty {
      ledger.note(.parametersInferred, 1, Untrusted(inferred.joined(separator: ", ")))
    }
    if sources.ceiling == .assumed, let ceilingBounds {
      let (low, high) = (ceilingBounds.lowerBound, ceilingBounds.upperBound)
      ledger.note(
        .ceilingNotShown, 1, high == .max ? "\(low) ns or more" : "\(low) to \(high) ns")
    }
  }

  private mutating func noteLosses() {
    for (cpu, events) in tally.lost.sorted(by: { $0.key < $1.key }) {
      ledger.note(.lostEvents, events, "CPU \(cpu.rawValue)")
    }
    ledger.note(.lostEvents, tally.lostOnAnyCPU, "on whatever CPU")
    ledger.note(.lostEvents, tally.uncountedLosses, "gaps of unknown size")
    let absent = tally.absent.compactMap { entry in entry.key.map { (cpu: $0, events: entry.value) }
    }
    for (cpu, events) in absent.sorted(by: { $0.cpu < $1.cpu }) {
      ledger.note(.absentEvents, events, "CPU \(cpu.rawValue)")
    }
  }

  private mutating func noteIdentity(_ vcpu: VCPUReport) {
    let thread = Untrusted(vcpu.identity.thread.label)
    if vcpu.identity.vcpu == nil { ledger.note(.vcpuUnknown, 1, thread) }
    if vcpu.identity.process == nil { ledger.note(.vmUnknown, 1, thread) }
  }

  private mutating func noteCeilings() {
    var named: Set<Untrusted> = []
    for vcpu in vcpus where vcpu.ceilingSource == .inferred {
      let vm: Untrusted =
        vcpu.identity.vm ?? vcpu.identity.process.map { "VM \($0.rawValue)" }
        ?? Untrusted(vcpu.identity.thread.label)
      guard named.insert(vm).inserted else { continue }
      ledger.note(
        .ceilingDiffers, 1,
        "\(vm): \(vcpu.ceiling) ns, the parameter says \(parameters.ceiling) ns")
    }
  }
}

extension TraceReport {
  /// Why no halt is shown, where none is.
  package var absence: Ledger.Kind {
    let reasons: [Ledger.Kind] = [
      .noMatch, .wakeupsNotRecorded, .guestTrace, .guestIdles, .neverIdle,
    ]
    return reasons.first { ledger.count(of: $0) > 0 } ?? .noHalts
  }

  /// Which vCPUs there are and how long the trace is, for whoever asked for something else.
  package var offer: Untrusted {
    var vms: [(name: Untrusted, vcpus: [Untrusted])] = []
    for identity in leftOut {
      let process: Untrusted? = identity.process.map { "pid \($0.rawValue)" }
      let name = identity.vm.map { name in process.map { "\(name) (\($0))" } ?? name }
      let vm: Untrusted = "VM \(name ?? process ?? "unknown")"
      if vms.last?.name != vm { vms.append((vm, [])) }
      vms[vms.count - 1].vcpus.append(
        identity.vcpu.map { "vCPU \($0)" } ?? Untrusted(identity.thread.label))
    }
    let words: [Untrusted] = vms.map {
      "\($0.name) with \(Self.list($0.vcpus, ", ", "others"))"
    }
    return "there are \(Self.list(words, "; ", "further VMs"))\(within)"
  }

  /// So many VMs, and vCPUs of each, are offered by name.
  private static let offered = 8

  private static func list(
    _ names: [Untrusted], _ separator: String, _ others: String
  ) -> Untrusted {
    let rest: [Untrusted] = names.count > offered ? ["\(names.count - offered) \(others)"] : []
    return .joined(names.prefix(offered) + rest, by: separator)
  }

  /// From the first event to the last, which --from and --to count from; nothing without time.
  private var within: String {
    guard trace.clock.isTime, let first = tally.first, let last = tally.last else { return "" }
    let milliseconds = (last - first).rawValue / 1_000_000
    let rest = String(1_000 + milliseconds % 1_000).dropFirst()
    return ", within \(milliseconds / 1_000).\(rest) s"
  }
}
