import Foundation
import PollTrace
import Testing

@testable import PollTraceCapture

@Suite(.serialized, .enabled(if: Host.canRecord, "needs root, tracefs and /dev/kvm"))
struct `A look for vCPU threads` {
  /// Looks until `condition` holds of what was found.
  private func look(_ scan: inout VCPUScan, until condition: (VCPUScan) -> Bool) -> Bool {
    for _ in 0..<100 {
      _ = scan.update()
      if condition(scan) { return true }
      Thread.sleep(forTimeInterval: 0.05)
    }
    return false
  }

  @Test func `finds a VM that starts, and remembers it when it is gone`() throws {
    var scan = VCPUScan()
    _ = scan.update()
    let load = try Program("haltload", ["--vcpus", "3", "--duration", "1s"])
    let vm = ProcessID(load.id)
    let isFound = look(&scan) { $0.running.contains { $0.process == vm && $0.threads.count == 3 } }
    #expect(isFound)
    #expect(scan.seen.filter { $0.process == vm }.map(\.vcpu) == [0, 1, 2])
    #expect(
      scan.unnamedThreads.isDisjoint(with: scan.seen.filter { $0.process == vm }.map(\.thread)))
    _ = load.end()
    let isGone = look(&scan) { scan in !scan.running.contains { $0.process == vm } }
    #expect(isGone)
    #expect(scan.seen.contains { $0.process == vm })
  }

  @Test func `follows only the VMs that were asked for`() throws {
    let loads = try (0..<2).map { _ in try Program("haltload", ["--duration", "2s"]) }
    var scan = VCPUScan(wanted: ["\(loads[1].id)"])
    let isFound = look(&scan) { !$0.running.isEmpty }
    #expect(isFound)
    #expect(scan.running.map(\.process) == [ProcessID(loads[1].id)])
    for load in loads { _ = load.end() }
  }
}
