import Fixtures
import Foundation
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// A folder of the test's own, removed with it.
private final class Folder {
  let path = FileManager.default.temporaryDirectory.appending(path: "polltrace-\(UUID())").path

  init(_ files: [String: [UInt8]]) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, content) in files {
      try Data(content).write(to: URL(filePath: "\(path)/\(name)"))
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct `A folder of perf record --threads` {
  /// The index, and parts of two threads of perf: CPU 0's and CPU 1's halts.
  private func files(isBigEndian: Bool = false) -> [String: [UInt8]] {
    var index = PerfBuilder(isBigEndian: isBigEndian)
    index.isIndex = true
    index.addName("CPU 3/KVM")
    var parts = [PerfBuilder(isBigEndian: isBigEndian), PerfBuilder(isBigEndian: isBigEndian)]
    for halt in 0..<5 as Range<UInt64> {
      parts[0].addHalt(at: 1_000 + halt * 10, cpu: 0)
      parts[1].addHalt(at: 1_005 + halt * 10, cpu: 1, thread: 78)
    }
    return ["data": index.file, "data.0": parts[0].records, "data.1": parts[1].records]
  }

  private func problem(_ path: String) -> TraceFileError.Problem? {
    do {
      _ = try TraceFormats.open(path: path)
      return nil
    } catch {
      return error.problem
    }
  }

  @Test(arguments: ["", "/", "/data"], [false, true])
  func `is one trace, whichever way it is named`(end: String, isBigEndian: Bool) throws {
    let folder = try Folder(files(isBigEndian: isBigEndian))
    let reader = try TraceFormats.open(path: folder.path + end)
    let (events, tally) = everything(in: reader)
    #expect(events.count == 10)
    #expect(tally.events == 10)
    #expect(Set(events.map(\.cpu.rawValue)) == [0, 1])
    #expect(reader.begin == Timestamp(1_000))
    #expect(reader.description.names[ThreadID(77)] == "CPU 3/KVM")
    #expect(!reader.ledger.isIncomplete && !tally.ledger.isIncomplete)
  }

  @Test func `may have parts without a record`() throws {
    var files = files()
    files["data.1"] = []
    let folder = try Folder(files)
    #expect(everything(in: try TraceFormats.open(path: folder.path)).0.count == 5)
  }

  @Test func `says which part is damaged`() throws {
    var files = files()
    files["data.1"]?.removeLast(4)
    let folder = try Folder(files)
    let (events, tally) = everything(in: try TraceFormats.open(path: folder.path))
    #expect(events.count == 9)
    let damage = tally.ledger.entries.first { $0.kind == .damaged }
    #expect(damage?.detail.terminal.hasPrefix("data.1, byte ") == true)
  }

  @Test func `is refused without its parts, and a part without its folder`() throws {
    let whole = try Folder(files())
    #expect(problem("\(whole.path)/data.0") == .isPartOfFolder)
    let lone = try Folder(files().filter { $0.key == "data" })
    #expect(problem(lone.path) == .lacksParts)
    for problem in [.isPartOfFolder, .lacksParts] as [TraceFileError.Problem] {
      #expect(problem.remedy.contains("perf script -i DIR > trace.txt"))
    }
  }

  @Test func `is not seen in other folders`() throws {
    for files in [[:], ["data": Array("text".utf8)], ["data": []]] as [[String: [UInt8]]] {
      let folder = try Folder(files)
      #expect(problem(folder.path) == .isFolder)
    }
  }
}

@Suite struct `The command line of perf record` {
  private func leftOut(_ line: String, of cpus: Int? = 4) -> [String] {
    PerfCommand(line.split(separator: " ").map(String.init)).leftOut(of: cpus)
  }

  @Test(arguments: [
    "perf record -e kvm:* -a", "perf record -a sleep 10", "perf record",
    "perf record -e kvm:kvm_vcpu_wakeup -- grep -C 3 --filter x",
    "perf record -e kvm:* -o x.data grep -C 3", "perf kvm stat record -a",
    "perf record -e kvm:* -e sched:sched_switch --filter prev_pid==1 -a",
    "perf record -C 0-3 -e kvm:*", "perf record -C 0,1,2-3 -e kvm:*",
    "perf record -ag -F99 true -C 1",
  ])
  func `that leaves nothing out`(line: String) { #expect(leftOut(line).isEmpty) }

  @Test(arguments: [
    ("perf record -e kvm:* --filter waited==1 -a", "perf record --filter 'waited==1'"),
    ("perf record --event=kvm:kvm_vcpu_wakeup --filter=ns>5 -a", "perf record --filter 'ns>5'"),
    ("/usr/bin/perf record -ekvm:* --filter ns>5 -a", "perf record --filter 'ns>5'"),
    ("perf record -C 1 -e kvm:*", "perf record -C 1, of 4 CPUs"),
    ("perf record -aC1 -e kvm:*", "perf record -C 1, of 4 CPUs"),
    ("perf record --cpu=0-2 -e kvm:*", "perf record -C 0-2, of 4 CPUs"),
    ("perf record -e kvm:* -o x --cpu 2,3 -- true", "perf record -C 2,3, of 4 CPUs"),
    ("perf record -C x-y -e kvm:*", "perf record -C x-y, of 4 CPUs"),
  ])
  func `says what it leaves out`(line: String, words: String) { #expect(leftOut(line) == [words]) }

  @Test(arguments: [false, true], [false, true])
  func `or its attributes say that not each event has a sample`(
    isFrequency: Bool, isBigEndian: Bool
  ) throws {
    var builder = PerfBuilder(isBigEndian: isBigEndian)
    (builder.period, builder.isFrequency) = (99, isFrequency)
    builder.addHalt(at: 1_000)
    builder.addRound()
    for file in [builder.file, builder.pipe] {
      let report = report(of: try open(file))
      let entry = report.ledger.entries.first { $0.kind == .filteredEvents }
      #expect(
        entry?.detail.terminal.hasPrefix(isFrequency ? "perf record -F 99" : "perf record -c 99")
          == true)
      #expect(report.ledger.isIncomplete)
    }
  }

  @Test(arguments: [["--filter", "waited==1"], ["-C", "1"]])
  func `makes a trace incomplete`(option: [String]) throws {
    var builder = PerfBuilder()
    builder.arguments = ["perf", "record", "-e", "kvm:kvm_vcpu_wakeup"] + option
    builder.addHalt(at: 1_000)
    let report = report(of: try open(builder.file))
    #expect(report.ledger.count(of: .filteredEvents) == 1)
    #expect(report.ledger.isIncomplete)
    #expect(report.vcpus.allSatisfy { $0.figures.gaps > 0 })
  }
}
