/// The ceiling of one VM as its decisions show it: KVM_CAP_HALT_POLL sets one per VM, and nobody
/// can read it from outside.
package struct CeilingInference: Hashable, Sendable {
  /// The ceiling lies in this range of ns, as far as decisions tell.
  package var atLeast: UInt32
  package var atMost: UInt32
  /// Whether there are decisions at all.
  package var hasDecisions: Bool
  /// Whether the decisions, or their absence, allow the value that the parameters say.
  package var allows: Bool
  /// The ceiling, where the parameter's value cannot be it.
  package var own: UInt32?

  /// So many halts at which nothing was decided bear a lone decision out.
  private static let enoughRefused: UInt64 = 10

  /// What `evidence` of a VM says, where the module parameter is `parameter`.
  ///
  /// `refused` and `decisions` count the halts at which a decision was due and missing, and those
  /// with one: a VM that is always refused has an effective ceiling of 0.
  package init(
    _ evidence: RuleEvidence, parameter: UInt32, refused: UInt64, decisions: UInt64
  ) {
    var low: UInt32 = 0
    if let block = evidence.longestGrown { low = max(low, UInt32(clamping: block.plus(1))) }
    if let window = evidence.widestGrown {
      low = max(low, window.addingReportingOverflow(1).partialValue)
    }
    low = max(low, evidence.widestKept)
    var high = UInt32.max
    if let block = evidence.shortestShrunk { high = UInt32(clamping: block == 0 ? 0 : block - 1) }
    // A single one may be a decision that is missing.
    var isCut = false
    if let least = evidence.leastCut, let most = evidence.mostCut, least == most, evidence.cuts > 1
    {
      low = least
      high = least
      isCut = true
    }
    hasDecisions = decisions > 0
    atLeast = low
    atMost = high
    if decisions == 0 {
      allows = refused == 0 || parameter == 0
      own = allows ? nil : 0
    } else {
      // A lone decision that does not fit may be one whose wake-up is missing; under a ceiling of the
      // VM's own, halts longer than that one move no window either.
      let isLone = !isCut && evidence.against < 2 && refused < Self.enoughRefused
      allows = (low <= parameter && parameter <= high) || isLone
      own = allows || low > high ? nil : Self.roundest(low, Self.bounded(high, by: low))
    }
  }

  /// A ceiling that several VMs, each of which shows one that is not the parameter's, can all have.
  package static func common(to vms: [CeilingInference]) -> UInt32? {
    guard vms.allSatisfy({ $0.own != nil }), let low = vms.map(\.atLeast).max(),
      let high = vms.map(\.atMost).min(), low <= high
    else { return nil }
    if vms.allSatisfy({ $0.own == vms[0].own }) { return vms[0].own }
    return vms.allSatisfy(\.hasDecisions) ? roundest(low, bounded(high, by: low)) : nil
  }

  /// Nothing bounds it from above where no window shrank: then the next round number serves.
  private static func bounded(_ high: UInt32, by low: UInt32) -> UInt32 {
    min(high, max(UInt32(clamping: UInt64(low) * 4), 10_000))
  }

  /// The number of the fewest significant digits in low...high; people choose round ceilings.
  package static func roundest(_ low: UInt32, _ high: UInt32) -> UInt32 {
    var step: UInt64 = 1_000_000_000
    while step > 1 {
      for unit in [step, step / 2] where unit > 0 {
        let candidate = (UInt64(low) + unit - 1) / unit * unit
        if candidate <= UInt64(high), candidate > 0 { return UInt32(candidate) }
      }
      step /= 10
    }
    return low
  }
}
