/// What one load did.
struct Outcome {
  /// Before the first vCPU ran, after the last one ended, on CLOCK_MONOTONIC.
  var begin: UInt64
  var end: UInt64
  var vcpus: [VCPU]
  /// KVM's counts over all vCPUs, where it has none by vCPU.
  var sums: [String: UInt64]?
  /// When the VM had which ceiling, where it had several.
  var ceilings: [CeilingBlocks.Block] = []

  struct VCPU {
    var id: Int
    var tid: Int32
    /// Wakes sent; fewer are answered if they come faster than the guest answers.
    var sent: UInt64
    var answered: UInt32
    var statistics: Statistics?
    /// How often its HLT left the guest, where KVM counts that.
    var haltExits: UInt64? {
      guard case .number(let exits) = statistics?.values["halt_exits"] else { return nil }
      return exits
    }
    /// Nil where the vCPU's clock is not known.
    var latency: WakeLatency?
  }
}
