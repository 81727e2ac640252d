/// What a trace shows of a host beside the vCPUs' halts: who else had the CPUs, and what came for vCPUs.
package struct HostActivity: Sendable {
  /// Who else had the CPUs; nil where the trace does not show when other tasks leave them, or where that
  /// is more than is kept.
  package var occupancy: [CPU: [Occupancy]]?
  /// Until when it was not more than is kept; nil where it never was.
  package var occupancyFitsUntil: Timestamp?
  /// The interrupts that vCPUs accepted, by vCPU number of whatever VM, in order of time; empty where they
  /// are not recorded, or more than are kept.
  package var interrupts: [UInt32: [AcceptedInterrupt]] = [:]

  package init(
    occupancy: [CPU: [Occupancy]]? = nil, occupancyFitsUntil: Timestamp? = nil,
    interrupts: [UInt32: [AcceptedInterrupt]] = [:]
  ) {
    (self.occupancy, self.occupancyFitsUntil) = (occupancy, occupancyFitsUntil)
    self.interrupts = interrupts
  }
}
