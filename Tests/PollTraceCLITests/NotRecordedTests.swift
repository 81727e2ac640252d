import Fixtures
import Foundation
import Testing

@Suite struct `A report without decisions` {
  @Test func `is incomplete, and gives no recommendation for that reason`() throws {
    for command in ["report", "recommend"] {
      let run = try Run([command, Fixtures.field("A-wakeups-only.txt")])
      #expect(run.status == 2)
      #expect(run.output.contains("kvm_halt_poll_ns was not recorded, so no poll window is known"))
      #expect(run.error.contains("kvm_halt_poll_ns was not recorded"))
    }
  }

  @Test func `has null for what only decisions tell, never 0`() throws {
    let run = try Run(["report", Fixtures.field("A-wakeups-only.dat"), "--format", "json"])
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let total = try #require(report["total"] as? [String: Any])
    let counters = try #require(total["kernel_counters"] as? [String: Any])
    let window = try #require(total["window_ns"] as? [String: Any])
    for (table, keys) in [
      (total, ["grows", "shrinks"]), (window, ["last", "max", "mean_by_halt"]),
      (counters, ["halt_attempted_poll", "halt_poll_fail_ns", "halt_wait_ns", "halt_wait_hist"]),
    ] {
      for key in keys { #expect(table[key] is NSNull, "\(key)") }
    }
    #expect(counters["halt_successful_poll"] as? Int == 30)
    #expect((window["time_at"] as? [Any])?.isEmpty == true)
    #expect(report["recommendation"] is NSNull)
  }

  @Test func `has no text for it either`() throws {
    let run = try Run(["report", Fixtures.field("A-wakeups-only.txt"), "--no-recommendation"])
    let row = try #require(run.output.split(separator: "\n").first { $0.contains("vCPU 0  ") })
    let columns = row.split(separator: " ").map(String.init)
    #expect(columns.suffix(4) == ["–", "–", "–", "–"])
    let page = try Run(["report", Fixtures.field("A-wakeups-only.txt"), "--format", "html"])
    #expect(page.status == 2)
    #expect(page.output.contains("kvm_halt_poll_ns was not recorded"))
  }

  @Test func `cannot be replayed, and compares no settings`() throws {
    for name in ["A-wakeups-only.txt", "A-wakeups-only.dat"] {
      for arguments in [["replay", "--halt-poll-ns", "50us"], ["replay"], ["sweep"]] {
        let run = try Run(arguments + [Fixtures.field(name)])
        #expect(run.status == 1)
        #expect(run.output.isEmpty)
        #expect(run.error.contains("kvm_halt_poll_ns was not recorded"))
      }
      let advice = try Run(["recommend", Fixtures.field(name)])
      #expect(!advice.output.contains("kernel default"))
      #expect(!advice.output.contains("0 of 0"))
    }
  }

  @Test(arguments: [
    ("J-ellipsis.txt", "none marked as lost"), ("B-hole-without-mark.txt", "none marked as lost"),
    ("B-cpustat.dat", "some not in the file"), ("A-one-vm-off.txt", "none lost"),
  ])
  func `says no more of lost events than the trace does`(name: String, words: String) throws {
    let run = try Run(["report", Fixtures.field(name)])
    #expect(run.output.split(separator: "\n").dropFirst().first?.hasSuffix(words) == true)
  }
}
