/// The order in which the files are written: each is a write of its own, and a process may be killed between
/// two.
enum Steps {
  /// The writes that lead from `before` to `after`, which name the same parameters.
  ///
  /// First what polls less with its new value, the longest interval before all, then what polls more, the
  /// longest interval after all. So each mixture on the way polls, parameter by parameter, no more than
  /// before or no more than after.
  static func from(
    _ before: Setting, to after: Setting, of target: Target
  ) -> [(parameter: Parameter, value: UInt32)] {
    let changed = after.named(of: target).filter { before.values[$0.parameter.name] != $0.value }
    let isLess = { (step: (parameter: Parameter, value: UInt32)) in
      step.parameter.rank(step.value)
        < step.parameter.rank(before.values[step.parameter.name] ?? step.value)
    }
    return changed.filter(isLess) + changed.filter { !isLess($0) }.reversed()
  }
}
