/// How long one vCPU polls before it sleeps, moved by each halt.
///
/// Follows `kvm_vcpu_halt()`, `grow_halt_poll_ns()` and `shrink_halt_poll_ns()` of linux
/// virt/kvm/kvm_main.c branch by branch, with the differences between kernels in `PollRules`.
/// Values are unsigned 32-bit and wrap as the kernel's do.
public struct PollWindow: Hashable, Sendable {
  /// Nanoseconds; 0 is a closed window (`vcpu->halt_poll_ns`).
  public var length: UInt32

  /// A window of `length` nanoseconds; a vCPU starts with a closed one.
  @inlinable public init(length: UInt32 = 0) { self.length = length }

  /// What one halt did to the window.
  public enum Change: Hashable, Sendable {
    /// Nothing that the kernel traces.
    case none
    /// A traced move; old and new may be equal.
    case moved(Decision.Move, old: UInt32, new: UInt32)
  }

  /// The halt begins: from 6.1 on a window above the ceiling is cut here, silently.
  ///
  /// `if (vcpu->halt_poll_ns > max_halt_poll_ns) vcpu->halt_poll_ns = max_halt_poll_ns;`
  @inlinable public mutating func enter(ceiling: UInt32, rules: PollRules) {
    if !rules.growIsCut, length > ceiling { length = ceiling }
  }

  /// The halt has ended after `block` nanoseconds: the window is moved as the kernel moves it.
  ///
  /// `parameters.ceiling` is the ceiling in force for this VM.
  @inlinable public mutating func leave(
    after block: UInt64, isValid: Bool = true, parameters: PollParameters, rules: PollRules
  ) -> Change {
    let ceiling = parameters.ceiling
    let old = length
    if !isValid, rules.invalidShrinks {
      shrink(parameters, rules)
      return .moved(.shrink, old: old, new: length)
    } else if ceiling != 0 {
      if block <= UInt64(length) {
        return .none
      } else if length != 0, block > UInt64(ceiling) {
        shrink(parameters, rules)
        return .moved(.shrink, old: old, new: length)
      } else if length < ceiling, block < UInt64(ceiling) {
        grow(parameters, rules)
        return .moved(.grow, old: old, new: length)
      }
    } else {
      length = 0
    }
    return .none
  }

  /// What `grow_halt_poll_ns()` does.
  @inlinable mutating func grow(_ parameters: PollParameters, _ rules: PollRules) {
    var value = length
    switch rules.growth {
    case .fromConstant:
      if value == 0, parameters.grow != 0 {
        value = Self.firstLength
      } else {
        value = value &* parameters.grow
      }
    case .fromGrowStart:
      if parameters.grow == 0 { return }
      value = value &* parameters.grow
      if value < parameters.growStart { value = parameters.growStart }
    }
    if rules.growIsCut, value > parameters.ceiling { value = parameters.ceiling }
    length = value
  }

  /// What `shrink_halt_poll_ns()` does.
  @inlinable mutating func shrink(_ parameters: PollParameters, _ rules: PollRules) {
    var value = length
    if parameters.shrink == 0 {
      value = 0
    } else {
      value /= parameters.shrink
    }
    if rules.shrinkClosesBelowGrowStart, value < parameters.growStart { value = 0 }
    length = value
  }

  /// "10us base" of `grow_halt_poll_ns()` up to 5.0, in ns.
  @inlinable public static var firstLength: UInt32 { 10_000 }
}
