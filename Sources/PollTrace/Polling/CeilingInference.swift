/// The ceiling of one VM as its decisions show it: KVM_CAP_HALT_POLL sets one per VM, and nobody
/// can read it from outside.
package struct CeilingInference: Hashable, Sendable {
  /// The ceiling lies in this range of ns, as far as decisions tell.
  package var atLeast: UInt32
  package var atMost: UInt32
  /// Whether the decisions, or their absence, allow the value that the parameters say.
  package var allows: Bool
  /// The ceiling, where the parameter's value cannot be it.
  package var own: UInt32?

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
    if let least = evidence.leastCut, let most = evidence.mostCut, least == most, evidence.cuts > 1
    {
      low = least
      high = least
    }
    atLeast = low
    atMost = high
    if decisions == 0 {
      allows = refused == 0 || parameter == 0
      own = allows ? nil : 0
    } else {
      allows = low <= parameter && parameter <= high
      // Nothing bounds it from above where no window shrank: then the next round number serves.
      let bound = UInt32(clamping: UInt64(low) * 4)
      own = allows || low > high ? nil : Self.roundest(low, min(high, max(bound, 10_000)))
    }
  }

  /// The number of the fewest significant digits in low...high; people choose round ceilings.
  static func roundest(_ low: UInt32, _ high: UInt32) -> UInt32 {
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
