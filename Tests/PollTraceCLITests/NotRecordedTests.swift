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
    let run = try Run(
      ["report", Fixtures.field("A-wakeups-only.txt"), "--no-recommendation", "--details"])
    let row = try #require(run.output.split(separator: "\n").first { $0.hasPrefix("  vCPU 0  ") })
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
    #expect(run.output.replacing(/\s+/, with: " ").contains("events, \(words)"))
  }
}

@Suite struct `A report without wake-ups` {
  /// The decisions of a trace of `field/`, as `grep` leaves them.
  private let decisions: TemporaryFile

  init() throws {
    let text = try String(contentsOfFile: Fixtures.field("A-one-vm-off.txt"), encoding: .utf8)
    let lines = text.split(separator: "\n").filter { $0.contains("kvm_halt_poll_ns") }
    decisions = try TemporaryFile(Data((lines.joined(separator: "\n") + "\n").utf8))
  }

  @Test func `shows moves and windows as text, and dashes for all else`() throws {
    let run = try Run(["report", decisions.path, "--details"])
    #expect(run.status == 2)
    #expect(run.error.contains("The trace has no kvm_vcpu_wakeup"))
    let lines = run.output.split(separator: "\n")
    let row = try #require(lines.first { $0.hasPrefix("  vCPU 0  ") })
    #expect(
      row.split(separator: " ").map(String.init)
        == ["vCPU", "0"] + Array(repeating: "–", count: 9) + ["9", "6", "40", "µs", "–"])
    #expect(run.output.contains("15 of 15 decisions reproduced by the rules of 6.11"))
    #expect(run.output.contains("VM pid 4700, vCPU 0: 9 grows, 6 shrinks, widest window 160 µs"))
    // Wherever the line breaks: the path before is as long as it is.
    let words = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("nothing to replay: The trace has no kvm_vcpu_wakeup"))
    #expect(!run.output.contains("\n Record"))
  }

  @Test func `has null and empty fields for what only wake-ups tell, never 0`() throws {
    let run = try Run(["report", decisions.path, "--format", "json"])
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let total = try #require(report["total"] as? [String: Any])
    let counters = try #require(total["kernel_counters"] as? [String: Any])
    #expect(counters.values.allSatisfy { $0 is NSNull })
    for key in ["halts", "polled", "waited", "invalid", "block_ns", "wake_latency_ns"] {
      #expect(total[key] is NSNull, "\(key)")
    }
    #expect(total["grows"] as? Int == 9)
    #expect(total["shrinks"] as? Int == 6)
    let table = try Run(["report", decisions.path, "--format", "csv"])
    let rows = table.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let row = Dictionary(uniqueKeysWithValues: zip(rows[0], rows[1]))
    for key in ["halts", "polled", "block_ns_sum", "halt_successful_poll", "abandoned_polls"] {
      #expect(row[Substring(key)] == "", "\(key)")
    }
    #expect([row["grows"], row["shrinks"], row["window_ns_max"]] == ["9", "6", "160000"])
    #expect([row["decisions_recorded"], row["decisions_reproduced"]] == ["15", "15"])
  }

  @Test func `shows the same on its page`() throws {
    let run = try Run(["report", decisions.path, "--format", "html"])
    #expect(run.status == 2)
    for words in ["Widest window", "160 µs", "Decisions reproduced", "of 15, by their old"] {
      #expect(
        run.output.contains(words) || run.output.contains(words.replacing(" ", with: "\u{a0}")))
    }
  }

  @Test func `cannot be replayed, for that reason`() throws {
    for path in [decisions.path, Fixtures.field("H-exits-no-wakeups.txt")] {
      for command in ["replay", "sweep", "recommend"] {
        let run = try Run([command, path])
        #expect(run.status == 1)
        #expect(run.error.contains("The trace has no kvm_vcpu_wakeup"))
        #expect(run.error.contains("Record kvm:kvm_vcpu_wakeup"))
      }
    }
  }
}
