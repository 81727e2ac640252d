/// What one halt obeys: the rules and the parameters in force, the VM's own ceiling put in.
package struct EffectiveParameters: Hashable, Sendable {
  package var rules: PollRules
  package var parameters: PollParameters
  /// The ceiling that it began with, in ns: another one where it was changed during the halt.
  package var ceilingAtEntry: UInt32

  package init(rules: PollRules, parameters: PollParameters, ceilingAtEntry: UInt32? = nil) {
    self.rules = rules
    self.parameters = parameters
    self.ceilingAtEntry = ceilingAtEntry ?? parameters.ceiling
  }

  /// The window that a halt begins with where the one before left `left` ns.
  @inline(__always)
  package func window(after left: UInt32) -> UInt32 {
    rules.growIsCut ? left : min(left, ceilingAtEntry)
  }
}

extension EffectiveParameters {
  /// Whether the kernel did at `halt`, which the last one left a window of `left` ns, what they say.
  func explain(_ halt: Halt, _ left: UInt32) -> Bool {
    var window = PollWindow(length: left)
    window.enter(ceiling: ceilingAtEntry, rules: rules)
    let change = window.leave(
      after: halt.block.rawValue, isValid: halt.isValid, parameters: parameters, rules: rules)
    return change
      == (halt.decision.map { .moved($0.move, old: $0.old, new: $0.new) } ?? PollWindow.Change.none)
  }
}
