internal import PollTrace

/// Who else than one vCPU wanted the CPUs of a trace: other tasks and other vCPUs.
struct OtherTasks: Sendable {
  let occupancy: [CPU: [Occupancy]]
  let vcpus: VCPURuns
  let placement: WakerPlacement

  /// `occupancy` by tasks that are no vCPUs, and vCPUs by their `logs`: of vCPUs whose halts are a sample
  /// (`isSample`) it is not known when they ran meanwhile.
  init(
    _ occupancy: [CPU: [Occupancy]], _ logs: [ThreadID: HaltLog], isSample: Bool
  ) {
    self.occupancy = occupancy
    vcpus = isSample ? VCPURuns([:]) : VCPURuns(logs)
    placement = WakerPlacement(occupancy, logs)
  }
}
