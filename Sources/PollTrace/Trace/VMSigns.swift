/// What else than halts a trace tells of VMs: where it has no halts, these say why.
package struct VMSigns: Hashable, Sendable {
  /// What an event that is no halt's tells.
  package enum Sign: UInt8, Hashable, Sendable {
    /// `kvm:kvm_exit` for an idle guest: HLT, or WFI and WFE of arm64 (`WFx`).
    case haltExit
    /// `kvm:kvm_exit` for another reason.
    case exit
    /// Another event of KVM.
    case kvm
  }

  package private(set) var haltExits: UInt64 = 0
  package private(set) var exits: UInt64 = 0
  package private(set) var kvmEvents: UInt64 = 0
  /// The threads whose guests exited.
  package private(set) var threads: Set<ThreadID> = []
  /// How long threads that are named for vCPUs ran, as far as switches tell.
  package var ran: [ThreadID: Nanoseconds] = [:]

  package init() {}

  /// Counts an event of `thread`.
  package mutating func note(_ sign: Sign, of thread: ThreadID) {
    switch sign {
    case .haltExit, .exit:
      exits += 1
      if sign == .haltExit { haltExits += 1 }
      threads.insert(thread)
      kvmEvents += 1
    case .kvm: kvmEvents += 1
    }
  }

  /// Adds what another source tells.
  package mutating func merge(_ other: Self) {
    haltExits.add(other.haltExits)
    exits.add(other.exits)
    kvmEvents.add(other.kvmEvents)
    threads.formUnion(other.threads)
    ran.merge(other.ran) { $0 + $1 }
  }

  /// Whether a VM ran under the trace's host.
  package var showVM: Bool { kvmEvents > 0 || ran.values.contains { $0 > .zero } }

  /// What shows that, in words.
  package var words: String {
    var words: [String] = []
    if exits > 0 {
      let halts = haltExits == 0 ? "none" : haltExits == exits ? "all" : "\(haltExits)"
      words.append(
        "\(exits) \(exits == 1 ? "exit" : "exits") of \(Self.vcpus(threads.count)), \(halts) of them to halt"
      )
    } else if kvmEvents > 0 {
      words.append("\(kvmEvents) events of KVM")
    }
    let time = ran.values.reduce(.zero, +)
    if time > .zero {
      let threads = ran.values.count { $0 > .zero }
      words.append("\(Self.vcpus(threads)) ran for \(Self.text(time))")
    }
    return words.joined(separator: "; ")
  }

  private static func vcpus(_ count: Int) -> String { "\(count) \(count == 1 ? "vCPU" : "vCPUs")" }

  /// A time in µs, or from a second on in ms.
  private static func text(_ time: Nanoseconds) -> String {
    let microseconds = time.rawValue / 1_000
    return microseconds < 1_000_000 ? "\(microseconds) µs" : "\(microseconds / 1_000) ms"
  }
}
