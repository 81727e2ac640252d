internal import PollTrace

/// Where the fields of the events lie that say something about halts, in this trace, looked up once.
struct EventLayouts: Sendable {
  /// Which of the events a record is.
  enum Kind: UInt8 {
    case other, wakeup, decision, waking, switched, guestDecision, idle, interrupted, accepted
  }

  typealias Field = EventFormat.Field

  /// The fields that every event begins with.
  struct Common: Sendable {
    var type = Field(offset: 0, size: 2, isSigned: false)
    var flags = Field(offset: 2, size: 1, isSigned: false)
    var pid = Field(offset: 4, size: 4, isSigned: true)
  }
  struct Wakeup: Sendable { var ns, waited: Field; var valid: Field? }
  struct Decision: Sendable { var grow, vcpu, new, old: Field }
  struct Waking: Sendable { var pid: Field; var target: Field? }
  struct Switch: Sendable { var previous, next, state: Field }
  struct GuestDecision: Sendable { var grow, new, old: Field }

  private(set) var common = Common()
  private(set) var wakeup: Wakeup?
  private(set) var decision: Decision?
  private(set) var waking: Waking?
  private(set) var switched: Switch?
  private(set) var guestDecision: GuestDecision?
  /// The state of `cpu_idle`, the target of `ipi_send_cpu`.
  private(set) var idle: Field?
  private(set) var interrupted: Field?
  /// The vCPU of `kvm_apic_accept_irq`.
  private(set) var accepted: Field?
  /// By `common_type`: what the event is, and how long its record must be at least.
  private(set) var kinds: [Kind] = Array(repeating: .other, count: 1 << 16)
  private(set) var lengths: [Int] = Array(repeating: 0, count: 9)
  /// What is wrong with the formats of the events.
  private(set) var ledger = Ledger()

  /// Takes in the format in `text`, if it is that of one of the events.
  mutating func add(_ text: String, system: String) {
    guard let kind = Self.kind(of: text, system: system) else { return }
    if !add(kind, text, system: system) {
      let name = text.prefix { $0 != "\n" }.dropFirst(6)
      ledger.note(.damaged, 1, "format of \(name): expected its fields, found others")
    }
  }

  /// Takes in the format of a `kind`; false where it cannot be understood.
  private mutating func add(_ kind: Kind, _ text: String, system: String) -> Bool {
    guard let format = EventFormat(text, system: system) else { return false }
    func fields(_ names: String...) -> [Field]? {
      let found = names.compactMap { format[$0] }
      return found.count == names.count ? found : nil
    }
    var used: [Field]
    switch kind {
    case .wakeup:
      guard let found = fields("ns", "waited") else { return false }
      wakeup = Wakeup(ns: found[0], waited: found[1], valid: format["valid"])
      used = found + [format["valid"]].compactMap(\.self)
    case .decision:
      guard let found = fields("grow", "vcpu_id", "new", "old") else { return false }
      decision = Decision(grow: found[0], vcpu: found[1], new: found[2], old: found[3])
      used = found
    case .waking:
      guard let found = fields("pid") else { return false }
      waking = Waking(pid: found[0], target: format["target_cpu"])
      used = found + [format["target_cpu"]].compactMap(\.self)
    case .switched:
      guard let found = fields("prev_pid", "next_pid", "prev_state") else { return false }
      switched = Switch(previous: found[0], next: found[1], state: found[2])
      used = found
    case .guestDecision:
      guard let found = fields("grow", "new", "old") else { return false }
      guestDecision = GuestDecision(grow: found[0], new: found[1], old: found[2])
      used = found
    case .idle:
      guard let found = fields("state") else { return false }
      idle = found[0]
      used = found
    case .interrupted:
      guard let found = fields("cpu") else { return false }
      interrupted = found[0]
      used = found
    case .accepted:
      guard let found = fields("apicid") else { return false }
      accepted = found[0]
      used = found
    case .other:
      return true
    }
    if let found = fields("common_type", "common_flags", "common_pid") {
      common = Common(type: found[0], flags: found[1], pid: found[2])
    }
    used += [common.flags, common.pid]
    kinds[Int(format.id)] = kind
    lengths[Int(kind.rawValue)] = used.map { $0.offset + $0.size }.max() ?? 0
    return true
  }

  /// The systems that have such events.
  static let systems: Set<String> = ["kvm", "sched", "power", "ipi"]

  /// Whether events of a guest's own polling are described.
  var mayShowGuestIdles: Bool { guestDecision != nil && idle != nil }

  /// Which event a format is of, told by its system and its name.
  private static func kind(of text: String, system: String) -> Kind? {
    guard let end = text.firstIndex(of: "\n") else { return nil }
    switch (system, text[..<end]) {
    case ("kvm", "name: kvm_vcpu_wakeup"): return .wakeup
    case ("kvm", "name: kvm_halt_poll_ns"): return .decision
    case ("sched", "name: sched_waking"): return .waking
    case ("sched", "name: sched_switch"): return .switched
    case ("power", "name: guest_halt_poll_ns"): return .guestDecision
    case ("power", "name: cpu_idle"): return .idle
    case ("ipi", "name: ipi_send_cpu"): return .interrupted
    case ("kvm", "name: kvm_apic_accept_irq"): return .accepted
    default: return nil
    }
  }
}
