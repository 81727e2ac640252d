internal import PollTrace

/// Who else than one vCPU wanted the CPUs of a trace, other tasks and other vCPUs; and what interrupts vCPUs
/// accepted.
struct OtherTasks: Sendable {
  let occupancy: [CPU: [Occupancy]]
  let vcpus: VCPURuns
  let placement: WakerPlacement
  /// By vCPU number, of whatever VM.
  let interrupts: [UInt32: [AcceptedInterrupt]]

  /// `occupancy` by tasks that are no vCPUs, and vCPUs by their `logs`, which are of the same times.
  init(
    _ occupancy: [CPU: [Occupancy]], _ logs: [ThreadID: HaltLog],
    interrupts: [UInt32: [AcceptedInterrupt]] = [:]
  ) {
    self.interrupts = interrupts
    self.occupancy = occupancy
    vcpus = VCPURuns(logs)
    placement = WakerPlacement(occupancy, logs)
  }
}
