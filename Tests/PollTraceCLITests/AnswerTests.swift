import Fixtures
import Foundation
import Testing

private let twoVMs = Fixtures.trace("two-vms.dat.zst")

private func lines(_ arguments: [String], columns: Int = 80) throws -> [String] {
  let run = try Run(arguments, environment: ["LC_ALL": "C.UTF-8", "COLUMNS": "\(columns)"])
  return run.output.components(separatedBy: "\n")
}

@Suite struct `A report as text` {
  @Test func `opens with what to set, what it changes, how sure, for whom, and how`() throws {
    let lines = try lines(["report", twoVMs])
    #expect(lines[0] == "SET  halt_poll_ns=0 (now 200000); the rest stays")
    let fields = lines.prefix { !$0.isEmpty }.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first }
    #expect(fields.prefix(5) == ["CPU", "Latency", "Sure?", "Reach", "Apply"])
    let answer = lines.prefix { !$0.isEmpty }.joined(separator: " ").replacing(/\s+/, with: " ")
    #expect(answer.contains(/per vCPU 2\.1 % measured → 0\.0 % predicted/))
    #expect(answer.contains(/µs measured → [0-9.]+ µs predicted \([0-9.]+ µs to [0-9.]+ µs\)/))
    #expect(answer.contains("polltrace apply halt_poll_ns=0"))
    #expect(answer.contains("or echo 0 > /sys/module/kvm/parameters/halt_poll_ns (undo: 200000)"))
  }

  @Test func `then says who polls, how long halts are, and what is missing, and no more`() throws {
    let heads = try lines(["report", twoVMs]).filter { $0.first?.isUppercase ?? false }
      .map { $0.prefix { $0.isUppercase || $0 == " " }.trimmingCharacters(in: .whitespaces) }
    #expect(heads == ["SET", "WHO POLLS", "HALT LENGTHS", "DATA GAPS"])
    let more = try lines(["report", twoVMs, "--details"])
    #expect(more.contains("Halt lengths (block_ns), VM web1 (pid 771), vCPU 0"))
    #expect(more.contains { $0.hasPrefix("  best fixed window ") })
    #expect(more.contains("To undo"))
  }

  @Test(arguments: [
    "two-vms.dat.zst", "lost.dat", "bimodal.dat", "no-sched.dat", "trace-cmd-3.3.txt.gz",
    "floating.dat", "hostile-names.dat",
  ])
  func `keeps to the width that COLUMNS says, and breaks no path`(name: String) throws {
    let trace = Fixtures.trace(name)
    for columns in [60, 80, 132] {
      for line in try lines(["report", trace], columns: columns) {
        #expect(line.count <= columns || line.split(separator: " ") == ["\(trace):"], "\(line)")
      }
    }
  }

  @Test func `shows both ends where nothing is to change, and no range of what was measured`()
    throws
  {
    let lines = try lines(["recommend", twoVMs, "--objective", "latency"])
    #expect(lines[0].hasPrefix("KEEP  halt_poll_ns 200000, "))
    let answer = Array(lines.prefix { !$0.isEmpty })
    let now = try #require(answer.first { $0.hasPrefix("  now: 200000 ") })
    #expect(now.components(separatedBy: " measured").count == 3)
    #expect(!now.contains("("))
    #expect(answer.contains { $0.hasPrefix("  least CPU: 0 ") && $0.contains(" – ") })
    #expect(answer.contains { $0.hasPrefix("  least latency: ") && $0.contains(" – ") })
  }

  @Test func `says what is needed where there is no answer, and what was seen`() throws {
    let lines = try lines(["report", Fixtures.trace("lost.dat")])
    #expect(lines[0].hasPrefix("NO ANSWER  0.60 s are too short"))
    #expect(lines.contains("  Do       polltrace record --duration 30 --buffer-size 64M"))
    #expect(lines.contains("  Seen     polling took at least 11.5 % of a CPU per vCPU"))
    #expect(lines.contains { $0.hasPrefix("  pid 16548 vCPU 0 *   12.3 %") })
  }
}

@Suite struct `Who polls` {
  @Test func `comes sorted by all polling`() throws {
    let lines = try lines(["report", Fixtures.trace("floating.dat")])
    let rows = lines.drop { !$0.hasPrefix("WHO POLLS") }.dropFirst().prefix { !$0.isEmpty }
    let polling = rows.compactMap { $0.firstMatch(of: /([0-9.]+) %/).flatMap { Double($0.1) } }
    #expect(polling.count == 4)
    #expect(polling == polling.sorted(by: >))
  }

  @Test func `puts VMs that are alike together, and with --all shows each vCPU`() throws {
    var builder = TraceBuilder(InventedHalts.events(40, vcpus: 24))
    builder.add(option: 9, facts)
    let file = try TemporaryFile(Data(builder.file))
    let short = try lines(["report", file.path])
    #expect(short.contains { $0.contains(/\sand \d+ alike/) })
    #expect(short.contains("  (--all shows each vCPU)"))
    let rows = short.drop { !$0.hasPrefix("WHO POLLS") }.prefix { !$0.isEmpty }
    #expect(rows.count <= 12)
    // Each vCPU is in one of the rows.
    let counted = rows.dropFirst().compactMap { row in
      row.firstMatch(of: /^\s\s\S.+?\s\s+(\d+)\s+\d+\.\d\d\s/).flatMap { Int($0.1) }
    }
    #expect(counted.reduce(0, +) == 24, "\(rows)")
    let whole = try lines(["report", file.path, "--all"])
    let each = whole.drop { !$0.hasPrefix("WHO POLLS") }.prefix { !$0.isEmpty }
    #expect(each.count == 25)
  }

  /// 12 VMs with two vCPUs each.
  private var facts: String {
    let vcpus = (0..<24).map {
      "vcpu tid=\(1_000 + $0) pid=\(900 + $0 / 2) vm=vm\($0 / 2) id=\($0 % 2)\n"
    }
    return """
      polltrace.facts/1
      recorder name=polltrace
      host name=h boot=b kernel=6.18.0 arch=x86_64
      recording clock=mono began=5000000000 ended=5100000000 sched=1
      parameters since=1 halt_poll_ns=200000 grow=2 grow_start=10000 shrink=2

      """ + vcpus.joined()
  }
}
