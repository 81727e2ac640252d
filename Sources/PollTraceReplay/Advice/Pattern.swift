package import PollTrace

/// A known way in which halt polling goes wrong, found in a recording.
package enum Pattern: Hashable, Sendable {
  /// vCPUs that wake just before the ceiling, again and again: a whole core is burnt (Ubuntu bug
  /// 1724614).
  case wakesJustUnderCeiling(
    vcpu: Untrusted, pollShare: Double, medianBlock: UInt64, ceiling: UInt32)
  /// Windows that close and grow again, over and over, since shrink is 0.
  case sawTooth(shrinks: UInt64, halts: UInt64)
  /// Polls are cut short since other tasks want the CPU: polling cannot help.
  case abandonedByContention(abandoned: UInt64, attempted: UInt64)
  /// The guest polls itself, so that the host does not.
  case guestPolls(vcpu: Untrusted, refused: UInt64, halts: UInt64)
  case growStartAboveCeiling(growStart: UInt32, ceiling: UInt32)
  /// grow 0 keeps windows closed, grow 1 keeps them at their start.
  case growsNever(grow: UInt32)
  /// shrink 1 keeps windows open.
  case shrinksNever
  /// A value such as -1, written as 4294967295.
  case negativeValue(parameter: String, value: UInt32)
  /// Polling is on and no window ever opens.
  case neverOpens(vcpu: Untrusted, halts: UInt64, medianBlock: UInt64, ceiling: UInt32)

  /// What `vcpus` show; `host` are the module parameters.
  static func found(in vcpus: [RecordedVCPU], host: PollParameters) -> [Pattern] {
    var found = parameterPatterns(host)
    for vcpu in vcpus {
      let ceiling = vcpu.parameters.ceiling
      let halts = vcpu.figures.measures.halts
      guard halts >= 100, ceiling > 0 else { continue }
      let account = vcpu.figures.kernelCounters
      let time = Double(vcpu.figures.time?.rawValue ?? 0)
      let polling = account.successfulPollTime + account.failedPollTime
      let share = time > 0 ? Double(polling.rawValue) / time : 0
      let median = vcpu.figures.measures.block.quantile(0.5) ?? 0
      if vcpu.figures.fidelity.refused * 2 > halts {
        found.append(
          .guestPolls(vcpu: vcpu.label, refused: vcpu.figures.fidelity.refused, halts: halts))
      } else if share > 0.5, account.successfulPolls * 10 > halts * 9,
        median > UInt64(ceiling) / 2, median <= UInt64(ceiling)
      {
        found.append(
          .wakesJustUnderCeiling(
            vcpu: vcpu.label, pollShare: share, medianBlock: median, ceiling: ceiling))
      } else if account.attemptedPolls == 0 {
        found.append(
          .neverOpens(vcpu: vcpu.label, halts: halts, medianBlock: median, ceiling: ceiling))
      }
    }
    found += sums(vcpus, host)
    return found
  }

  private static func parameterPatterns(_ host: PollParameters) -> [Pattern] {
    var found: [Pattern] = []
    for (name, value) in host.named where value > UInt32(Int32.max) {
      found.append(.negativeValue(parameter: name, value: value))
    }
    guard host.ceiling > 0 else { return found }
    if host.growStart > host.ceiling, host.growStart <= UInt32(Int32.max) {
      found.append(.growStartAboveCeiling(growStart: host.growStart, ceiling: host.ceiling))
    }
    if host.grow <= 1 { found.append(.growsNever(grow: host.grow)) }
    if host.shrink == 1 { found.append(.shrinksNever) }
    return found
  }

  private static func sums(_ vcpus: [RecordedVCPU], _ host: PollParameters) -> [Pattern] {
    var found: [Pattern] = []
    let total = Figures(totalOf: vcpus.map(\.figures))
    let counters = total.kernelCounters
    if host.shrink == 0, host.ceiling > 0,
      total.measures.shrinks >= 100, total.measures.shrinks * 10 > total.measures.halts
    {
      found.append(.sawTooth(shrinks: total.measures.shrinks, halts: total.measures.halts))
    }
    let abandoned = total.account.abandoned.count
    if counters.attemptedPolls >= 100, abandoned * 2 > counters.attemptedPolls {
      found.append(
        .abandonedByContention(abandoned: abandoned, attempted: counters.attemptedPolls))
    }
    return found
  }
}

extension RecordedVCPU {
  /// How a sentence names it.
  var label: Untrusted { "\(identity.vm ?? vm) \(identity.label)" }
}
