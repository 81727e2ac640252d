import Foundation

/// What KVM itself counted while a fixture was recorded (`haltload --stats`).
package struct Truth: Decodable, Sendable {
  package struct VM: Decodable, Sendable {
    package var pid: Int32
    package var ceiling_ns: UInt32?
  }
  /// KVM's statistics, under their own names.
  package struct Counters: Decodable, Sendable {
    package var halt_attempted_poll: UInt64
    package var halt_successful_poll: UInt64
    package var halt_poll_success_ns: UInt64
    package var halt_poll_fail_ns: UInt64
    package var halt_wait_ns: UInt64
    package var halt_poll_success_hist: [UInt64]
    package var halt_poll_fail_hist: [UInt64]
    package var halt_wait_hist: [UInt64]
  }
  /// A vCPU and its statistics.
  @dynamicMemberLookup
  package struct VCPU: Decodable, Sendable {
    package var vcpu: UInt32
    package var tid: Int32
    package var counters: Counters

    private enum Keys: String, CodingKey { case vcpu, tid }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Keys.self)
      vcpu = try container.decode(UInt32.self, forKey: .vcpu)
      tid = try container.decode(Int32.self, forKey: .tid)
      counters = try Counters(from: decoder)
    }

    package subscript<Value>(dynamicMember path: KeyPath<Counters, Value>) -> Value {
      counters[keyPath: path]
    }
  }
  package var vm: VM
  package var vcpus: [VCPU]

  /// The truth in the file at `path`.
  package init(path: String) throws {
    self = try JSONDecoder().decode(Truth.self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// The truth about thread `tid`.
  package func vcpu(of tid: Int32) -> VCPU? { vcpus.first { $0.tid == tid } }
}

extension Fixtures {
  /// Every recorded trace, by name.
  package static let names = [
    "exponential", "periodic", "bursty", "bimodal", "request", "small-ceiling", "off", "floating",
    "no-sched", "lost",
  ]
  /// Those of which no event is lost.
  package static let whole = names.filter { $0 != "lost" }

  /// The truth beside the trace called `name`.
  package static func truth(of name: String) throws -> Truth {
    try Truth(path: trace("\(name).json"))
  }
}
