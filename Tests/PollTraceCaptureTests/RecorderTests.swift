import Foundation
import PollTrace
import Testing

@testable import PollTraceCapture

/// The recorder without the command around it, so that sanitizers see its readers' threads.
@Suite(
  .serialized,
  .enabled(if: Host.canRecord(with: ["haltload"]), "needs root, tracefs and /dev/kvm"))
struct `A recorder in this process` {
  @Test(arguments: [false, true])
  func `has what each CPU's reader wrote, and leaves nothing else`(isPacked: Bool) throws {
    let scratch = try Scratch()
    var plan = RecordingPlan(output: OSString(scratch("t.dat")))
    plan.isPacked = isPacked
    plan.duration = 5_000_000_000
    plan.command =
      [Program.path("haltload"), "--vcpus", "2", "--duration", "1s"].map { OSString($0) }
    var began: [RecordingNote] = []
    let summary = try Recorder.record(plan, note: { began.append($0) }, progress: { _ in })
    #expect(summary.events > 100)
    #expect(!began.isEmpty)
    #expect(scratch.names == ["t.dat"])
    let size = try FileManager.default.attributesOfItem(atPath: scratch("t.dat"))[.size] as? Int
    #expect(size == summary.bytes)
  }
}
