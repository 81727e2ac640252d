/// A move of one vCPU's poll window, as the kernel traced it (`kvm:kvm_halt_poll_ns`).
///
/// Lengths are 32 bits wide as in the kernel. From 6.1 on `new` of a grow may exceed the ceiling:
/// the window is cut only when the next halt begins.
public struct Decision: Hashable, Sendable {
  /// Which of the kernel's two functions moved the window.
  public enum Move: UInt8, Hashable, Sendable {
    /// `shrink_halt_poll_ns()`
    case shrink
    /// `grow_halt_poll_ns()`
    case grow
  }
  /// Grow or shrink.
  public var move: Move
  /// The vCPU's id, unique inside its VM only.
  public var vcpu: UInt32
  /// The window before, in ns.
  public var old: UInt32
  /// The window after, in ns.
  public var new: UInt32

  /// The move of vCPU `vcpu`'s window from `old` to `new` nanoseconds.
  public init(_ move: Move, vcpu: UInt32, old: UInt32, new: UInt32) {
    self.move = move
    self.vcpu = vcpu
    self.old = old
    self.new = new
  }
}
