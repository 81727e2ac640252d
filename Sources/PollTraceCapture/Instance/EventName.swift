/// A tracepoint by its system and name.
struct EventName: Hashable, Sendable {
  var system: String
  var name: String

  static let wakeup = EventName(system: "kvm", name: "kvm_vcpu_wakeup")
  static let decision = EventName(system: "kvm", name: "kvm_halt_poll_ns")
  static let waking = EventName(system: "sched", name: "sched_waking")
  static let switching = EventName(system: "sched", name: "sched_switch")

  static let acceptance = EventName(system: "kvm", name: "kvm_apic_accept_irq")

  static let guestDecision = EventName(system: "power", name: "guest_halt_poll_ns")
  static let idle = EventName(system: "power", name: "cpu_idle")
  static let interrupt = EventName(system: "ipi", name: "ipi_send_cpu")

  static let kvm = [wakeup, decision]
  static let sched = [waking, switching]
  /// Of a guest's own polling.
  static let guest = [guestDecision, idle]

  /// Its directory inside an instance.
  var directory: String { "events/\(system)/\(name)" }

  /// Fields that hold the names of the threads an event is about.
  var nameFields: [String] {
    switch self {
    case .waking: ["comm"]
    case .switching: ["prev_comm", "next_comm"]
    default: []
    }
  }

  /// Fields that hold the ids of the threads an event is about.
  var threadFields: [String] {
    switch self {
    case .waking: ["pid"]
    case .switching: ["prev_pid", "next_pid"]
    default: ["common_pid"]
    }
  }
}
