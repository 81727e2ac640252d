/// The four module parameters of kvm that steer halt polling.
///
/// All are unsigned 32-bit values in the kernel (virt/kvm/kvm_main.c).
public struct PollParameters: Hashable, Sendable {
  /// `halt_poll_ns`: the longest any poll window may become, in ns; 0 switches polling off.
  public var ceiling: UInt32
  /// `halt_poll_ns_grow`: the factor a window is multiplied by (0 = never grows).
  public var grow: UInt32
  /// `halt_poll_ns_grow_start`: the shortest window worth having, in ns.
  public var growStart: UInt32
  /// `halt_poll_ns_shrink`: the divisor a window is divided by (0 = closes it).
  public var shrink: UInt32

  /// The four values, lengths in ns.
  public init(ceiling: UInt32, grow: UInt32, growStart: UInt32, shrink: UInt32) {
    self.ceiling = ceiling
    self.grow = grow
    self.growStart = growStart
    self.shrink = shrink
  }
  /// The kernel's names of them.
  package static let names = [
    "halt_poll_ns", "halt_poll_ns_grow", "halt_poll_ns_grow_start", "halt_poll_ns_shrink",
  ]
  /// The values, in the same order.
  package var values: [UInt32] { [ceiling, grow, growStart, shrink] }
  /// Both.
  package var named: [(name: String, value: UInt32)] {
    zip(Self.names, values).map { ($0, $1) }
  }
}
