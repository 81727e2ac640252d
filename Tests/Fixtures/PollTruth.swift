import Foundation

/// How many polls KVM counted: by vCPU, or before Linux 5.14 for a VM.
package struct PollTruth: Decodable, Sendable {
  package struct VM: Decodable, Sendable { package var sums: Polls? }
  package struct Polls: Decodable, Sendable {
    package var halt_attempted_poll: UInt64?
    package var halt_successful_poll: UInt64?
  }
  package var vm: VM
  package var vcpus: [Polls]

  /// Over all vCPUs.
  package var attempted: UInt64 { sum(\.halt_attempted_poll) }
  package var successful: UInt64 { sum(\.halt_successful_poll) }

  private func sum(_ path: KeyPath<Polls, UInt64?>) -> UInt64 {
    (vm.sums.map { [$0] } ?? vcpus).reduce(0) { $0 + ($1[keyPath: path] ?? 0) }
  }
}

extension Fixtures {
  /// The recordings that the lab made on other kernels, and the rules each obeys.
  package static let kernels = [
    "linux-5.10": "5.15", "linux-6.1": "6.1", "linux-6.12": "6.11", "linux-7.2": "6.11",
    "arm64": "6.1", "guest": "6.1",
  ]

  /// The polls that KVM counted while the trace called `name` was recorded; nil where nobody noted
  /// them.
  package static func polls(of name: String) throws -> PollTruth? {
    let path = trace("\(name).json")
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try JSONDecoder().decode(
      PollTruth.self, from: Data(contentsOf: URL(filePath: path)))
  }
}
