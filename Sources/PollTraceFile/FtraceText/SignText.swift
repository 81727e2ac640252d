internal import PollTrace

/// Events of a text that are signs of VMs (`VMSigns`): known by their names, an exit also by its reason.
///
/// x86 prints `vcpu 0 reason HLT rip …`, `hlt` on AMD, trace-cmd's plugin `reason HLT`; arm64
/// `TRAP: HSR_EC: 0x0001 (WFx), PC: …` (linux arch/x86/kvm/trace.h, arch/arm64/kvm/trace_arm.h).
enum SignText {
  private static let kvm = Word("kvm:")
  private static let exit = Word("kvm_exit:"), any = Word("kvm_")
  private static let reason = Word("reason "), halt = Word("HLT "), amdHalt = Word("hlt ")
  private static let hsr = Word("HSR_EC: 0x0001 ")

  /// Counts the event of `thread` whose name, or its period before that, begins at `start`.
  static func note(
    _ text: Bytes, _ start: Int, _ end: Int, of thread: ThreadID, in signs: inout VMSigns
  ) {
    var position = start
    text.skipSpaces(&position, below: end)
    if text.number(&position, below: end) != nil { text.skipSpaces(&position, below: end) }
    _ = text.take(kvm, &position, below: end)
    if text.take(exit, &position, below: end) {
      signs.note(isHalt(text, position, end) ? .haltExit : .exit, of: thread)
    } else if text.has(any, at: position) {
      signs.note(.kvm, of: thread)
    }
  }

  private static func isHalt(_ text: Bytes, _ start: Int, _ end: Int) -> Bool {
    var position = start
    while position < end {
      if text.has(hsr, at: position) { return true }
      if text.take(reason, &position, below: end) {
        return text.has(halt, at: position) || text.has(amdHalt, at: position)
      }
      position += 1
    }
    return false
  }
}
