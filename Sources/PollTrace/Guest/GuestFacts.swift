/// What the recorder knew of a guest's own polling.
package struct GuestFacts: Hashable, Sendable {
  /// The governor's parameters, from `since` on; as `RecordedFacts.ParameterChange`.
  package struct ParameterChange: Hashable, Sendable {
    package var since: Timestamp?
    package var notBefore: Timestamp?
    package var parameters: GuestPollLimit.Parameters
    package init(
      since: Timestamp?, notBefore: Timestamp?, parameters: GuestPollLimit.Parameters
    ) {
      (self.since, self.notBefore, self.parameters) = (since, notBefore, parameters)
    }
  }

  /// The cpuidle driver and governor (`/sys/devices/system/cpu/cpuidle`).
  package var driver: Untrusted = ""
  package var governor: Untrusted = ""
  /// The machine's UUID (`/sys/class/dmi/id/product_uuid`), which its host gave it; empty where there is none.
  package var uuid: Untrusted = ""
  /// The names of the idle states, the poll first.
  package var states: [Untrusted] = []
  /// In order of time; the first is what held when recording began.
  package var parameters: [ParameterChange] = []
  /// How often each CPU halted while recording went on; empty where nobody looked.
  ///
  /// The kernel's own counts: `cpuidle/state*/usage` in sysfs, without the poll's.
  package var halts: [CPU: UInt64] = [:]

  package init() {}
}
