import Fixtures
import Foundation
import Testing

@Suite struct `A report of a large host` {
  private func trace(vcpus: UInt32) throws -> TemporaryFile {
    try TemporaryFile(Data(TraceBuilder(InventedHalts.events(6, vcpus: vcpus)).file))
  }

  @Test func `shows the worst of its vCPUs, and all where asked for`() throws {
    let file = try trace(vcpus: 40)
    let (short, whole) = (
      try Run(["report", file.path, "--details"]), try Run(["report", file.path, "--all"])
    )
    func rows(_ run: Run) -> Int {
      run.output.split(separator: "\n").count { $0.contains("vCPU ") && $0.contains(" µs") }
    }
    #expect(short.output.contains("The 32 that waste the most time in polls, of 40 vCPUs"))
    #expect(rows(short) >= 32)
    #expect(!whole.output.contains("--all"))
    #expect(rows(whole) >= 40)
    for run in [short, whole] {
      #expect(run.output.contains("Halt lengths (block_ns), all vCPUs"))
      #expect(run.output.split(separator: "\n").contains { $0.hasPrefix("  all ") })
    }
  }

  @Test func `of the usual size shows each`() throws {
    let file = try trace(vcpus: 32)
    let run = try Run(["report", file.path, "--details"])
    #expect(!run.output.contains("--all shows the others"))
    #expect(run.output.contains("Halt lengths (block_ns), VM unknown, vCPU 31"))
  }
}

@Suite struct `Where a locale has no Unicode, text` {
  @Test(arguments: ["report", "recommend", "replay", "sweep"])
  func `is ASCII, and as long as ever`(command: String) throws {
    let trace = Fixtures.trace("two-vms.dat.zst")
    let plain = try Run([command, trace], environment: ["LC_ALL": "C"])
    let rich = try Run([command, trace], environment: ["LC_ALL": "C.UTF-8"])
    #expect(plain.status == 0)
    #expect(plain.output.utf8.allSatisfy { $0 < 128 })
    #expect(plain.output.contains(" us"))
    #expect(!plain.output.replacing("Sure?", with: "").contains("?"))
    #expect(rich.output.contains("µs"))
    #expect(plain.output.count { $0 == "\n" } == rich.output.count { $0 == "\n" })
  }
}

@Suite struct `A report as CSV` {
  @Test func `has a row a vCPU with the figures of the JSON`() throws {
    let traces = ["exponential.dat", "bimodal.dat"].map(Fixtures.trace)
    let run = try Run(["report"] + traces + ["--format", "csv"])
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let names = try #require(lines.first)
    #expect(lines.allSatisfy { $0.count == names.count })
    let json = try Run(["report"] + traces + ["--format", "json", "--no-recommendation"])
    let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let vcpus = try #require(report?["vcpus"] as? [[String: Any]])
    #expect(vcpus.count == lines.count - 1)
    for (vcpu, row) in zip(vcpus, lines.dropFirst()) {
      let fields = Dictionary(uniqueKeysWithValues: zip(names, row))
      let block = try #require(vcpu["block_ns"] as? [String: Any])
      let counters = try #require(vcpu["kernel_counters"] as? [String: Any])
      for key in ["tid", "halts", "polled", "waited", "grows", "shrinks"] {
        #expect(fields[key] == (vcpu[key] as? Int).map(String.init), "\(key)")
      }
      for key in ["sum", "min", "max", "p50", "p99"] {
        #expect(fields["block_ns_\(key)"] == (block[key] as? Int).map(String.init), "\(key)")
      }
      for key in ["halt_attempted_poll", "halt_successful_poll", "halt_poll_fail_ns"] {
        #expect(fields[key] == (counters[key] as? Int).map(String.init), "\(key)")
      }
    }
  }
}

@Suite struct `The version` {
  @Test func `names the commit and the libraries`() throws {
    let run = try Run(["--version"])
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(
      lines[0].contains(/^polltrace \d+\.\d+\.\d+ \(commit ([0-9a-f]{12}(-dirty)?|unknown)\)$/))
    for library in ["libtracefs", "libtraceevent", "libzstd", "libz"] {
      #expect(lines[1].contains("\(library) "))
    }
  }
}
