internal import PollTrace

/// Which types of record are signs of VMs (`VMSigns`), and where an exit's reason lies in them.
///
/// linux arch/x86/kvm/trace.h and arch/arm64/kvm/trace_arm.h (`kvm_exit`).
struct SignLayouts: Sendable {
  private enum Kind: UInt8 { case none, kvm, exit }

  private var kinds: [Kind] = []
  private var pid = RecordField()
  /// Of x86: the reason of an exit, and whose it is.
  private var reason = RecordField(), isa = RecordField()
  /// The same of arm64.
  private var exceptionClass = RecordField()

  /// Exits of a guest that idles.
  ///
  /// EXIT_REASON_HLT (`isa` 1, arch/x86/include/uapi/asm/vmx.h), SVM_EXIT_HLT (`isa` 2, svm.h there) and
  /// ESR_ELx_EC_WFx (arch/arm64/include/asm/esr.h).
  private static let vmxHalt: UInt64 = 12, svmHalt: UInt64 = 0x78, wfx: UInt64 = 1

  /// None: nothing is known of the trace's types.
  init() {}

  /// Those among `formats`, of which the halts' events (`layouts`) are no signs.
  init(
    _ formats: [(system: String, text: Bytes)], _ layouts: EventLayouts, isBigEndian: Bool
  ) {
    kinds = Array(repeating: .none, count: 1 << 16)
    pid = RecordField(layouts.common.pid, isBigEndian: isBigEndian)
    for (system, text) in formats where system == "kvm" {
      let format = FormatText(text.text)
      guard let id = format.id, layouts.kinds[Int(id)] == .other else { continue }
      kinds[Int(id)] = format.name == "kvm_exit" ? .exit : .kvm
      if format.name == "kvm_exit" { learnExit(format, isBigEndian) }
    }
  }

  private mutating func learnExit(_ format: FormatText, _ isBigEndian: Bool) {
    func field(_ name: String) -> RecordField {
      guard let field = format.fields.first(where: { $0.name == name }) else {
        return RecordField()
      }
      return RecordField(
        .init(offset: field.offset, size: field.size, isSigned: field.isSigned),
        isBigEndian: isBigEndian)
    }
    (reason, isa, exceptionClass) = (field("exit_reason"), field("isa"), field("esr_ec"))
  }

  /// Counts the record of `type` at `start`, if it is a sign.
  @inline(__always)
  func note<Order: ByteOrder>(
    _ type: UInt16, _ bytes: Bytes, _ start: Int, _ order: Order.Type, in signs: inout VMSigns
  ) {
    guard !kinds.isEmpty, kinds[Int(type)] != .none else { return }
    count(kinds[Int(type)], bytes, start, order, in: &signs)
  }

  @inline(never)
  private func count<Order: ByteOrder>(
    _ kind: Kind, _ bytes: Bytes, _ start: Int, _ order: Order.Type, in signs: inout VMSigns
  ) {
    let thread = ThreadID(Int32(truncatingIfNeeded: pid.value(bytes, start, order)))
    switch kind {
    case .none: break
    case .kvm: signs.note(.kvm, of: thread)
    case .exit:
      let reason = reason.value(bytes, start, order) & 0xffff
      let isHalt =
        switch isa.value(bytes, start, order) {
        case 1: reason == Self.vmxHalt
        case 2: reason == Self.svmHalt
        default: exceptionClass.value(bytes, start, order) == Self.wfx
        }
      signs.note(isHalt ? .haltExit : .exit, of: thread)
    }
  }
}
