import Fixtures
import Foundation
import Testing

private struct Shown: Decodable {
  struct Trace: Decodable { var duration_ns: UInt64 }
  var trace: [Trace]
}

@Suite struct `Bad input` {
  private let whole: Data

  init() throws { whole = try Data(contentsOf: URL(filePath: Fixtures.trace("bimodal.dat"))) }

  @Test func `that does not exist is named`() throws {
    let run = try Run(["report", "/nowhere/t.dat"])
    #expect(run.status == 1)
    #expect(run.error.contains("/nowhere/t.dat: cannot be read: No such file or directory"))
    #expect(run.output == "")
  }

  @Test func `that is a folder is named`() throws {
    let run = try Run(["report", "/"])
    #expect(run.status == 1)
    #expect(run.error.contains("/: is a folder"))
  }

  @Test func `that is empty is named`() throws {
    let file = try TemporaryFile(Data())
    let run = try Run(["report", file.path])
    #expect(run.status == 1)
    #expect(run.error.contains("is empty"))
  }

  @Test func `that is no trace is named`() throws {
    let file = try TemporaryFile(Data("hello, I am a letter\n".utf8))
    let run = try Run(["report", file.path])
    #expect(run.status == 1)
    #expect(run.error.contains("is not a trace"))
  }

  @Test func `that is one of several traces keeps none of the others from being reported`() throws {
    let file = try TemporaryFile(Data())
    let whole = try Run(["report", "--format", "csv", Fixtures.trace("bimodal.dat")])
    let run = try Run([
      "report", "--format", "csv", "/nowhere/t.dat", Fixtures.trace("bimodal.dat"), file.path,
    ])
    #expect(run.status == 2)
    #expect(run.output == whole.output)
    #expect(run.error.contains("2 × A trace could not be read"))
    #expect(run.error.contains("/nowhere/t.dat: cannot be read: No such file or directory"))
    #expect(run.error.contains("\(file.path): is empty"))
  }

  @Test func `that are several traces of which none can be read are all named`() throws {
    let file = try TemporaryFile(Data())
    let run = try Run(["report", "/nowhere/t.dat", file.path])
    #expect(run.status == 1)
    #expect(run.error.contains("/nowhere/t.dat: cannot be read: No such file or directory"))
    #expect(run.error.contains("\(file.path): is empty"))
  }

  @Test(arguments: ["/dev/zero", "/dev/urandom"])
  func `that has no end is refused by its beginning`(path: String) throws {
    let run = try Run(["report", path])
    #expect(run.status == 1)
    #expect(run.error.contains("is not a trace"))
  }

  @Test func `that is a tracer's text in numbers says how to print it`() throws {
    let text = "# tracer: nop\n" + String(repeating: "315 1 9840236853958 00 1f\n", count: 9)
    let file = try TemporaryFile(Data(text.utf8))
    let run = try Run(["report", file.path])
    #expect(run.status == 1)
    #expect(run.error.contains("9 lines"))
    #expect(run.error.contains("options raw"))
  }

  @Test func `that is cut short or recovered counts no time beyond its last event`() throws {
    func duration(_ data: Data) throws -> UInt64 {
      let file = try TemporaryFile(data)
      let run = try Run(["report", file.path, "--format", "json", "--no-recommendation"])
      let shown = try JSONDecoder().decode(Shown.self, from: Data(run.output.utf8))
      return shown.trace[0].duration_ns
    }
    let long = try Data(contentsOf: URL(filePath: Fixtures.trace("exponential.dat")))
    let (part, whole) = (try duration(long.prefix(long.count / 4)), try duration(long))
    #expect(part < whole * 3 / 4)
  }

  @Test func `that may not be read is named with the right that is missing`() throws {
    let file = try TemporaryFile(whole)
    unsafe chmod(file.path, 0)
    // Root reads everything.
    let run = try Run(["report", file.path])
    if getuid() != 0 {
      #expect(run.status == 1)
      #expect(run.error.contains("Permission denied"))
    } else {
      #expect(run.status == 0)
    }
  }

  @Test(arguments: [3, 12, 15, 40, 300, 900, 1_500, 2_600, 4_000])
  func `that is cut off in its header says where`(length: Int) throws {
    let file = try TemporaryFile(whole.prefix(length))
    let run = try Run(["report", file.path])
    #expect(run.status == 1)
    #expect(run.error.contains(file.path))
    #expect(run.error.contains("needed") || run.error.contains("is not a trace"), "\(run.error)")
    #expect(run.output == "")
  }

  @Test(arguments: [0.6, 0.8, 0.95])
  func `that is cut off in its pages reports the rest, and says what is missing`(
    share: Double
  ) throws {
    let file = try TemporaryFile(whole.prefix(Int(Double(whole.count) * share)))
    let run = try Run(["report", file.path])
    #expect(run.status == 2)
    #expect(run.error.contains("damaged"))
    #expect(run.output.contains("DATA GAPS"))
  }

  @Test func `from standard input is read like a file`() throws {
    let run = try Run(["report", "-", "--format", "json"], input: whole)
    #expect(run.status == 0)
    #expect(run.output.contains("\"schema\" : \"polltrace.report/1\""))
  }

  @Test(
    arguments: [
      ["--from", "1h"], ["--vcpu", "9"], ["--vm", "web1", "--to", "0s"],
    ])
  func `in a filter that matches nothing is told with what there is`(filter: [String]) throws {
    let trace = Fixtures.trace("exponential.dat")
    let run = try Run(["report", trace] + filter)
    #expect(run.status == 0)
    #expect(run.error == "")
    #expect(run.output.hasPrefix("NO ANSWER  no halts match the filters.\n"))
    #expect(
      run.output.replacing(/\s+/, with: " ").contains(
        /there are VM web1 \(pid \d+\) with vCPU 0, vCPU 1, within 0\.\d\d\d s/))
    #expect(run.output.contains("with --vm and --vcpu"))
    // Nothing is wrong with the recording.
    #expect(!run.output.contains("Record with"))
    #expect(!run.output.contains("No halts in this trace"))
    let page = try Run(["report", trace, "--format", "html"] + filter)
    #expect(page.output.contains("No halts match the filters."))
    #expect(!page.output.contains("No vCPU halted"))
  }

  @Test func `without halts is an honest report`() throws {
    let file = try TemporaryFile(Data(TraceBuilder([]).file))
    let run = try Run(["report", file.path, "--vm", "web1"])
    #expect(run.status == 0)
    #expect(run.output.contains("No halts in this trace"))
    #expect(!run.output.contains("filters"))
  }

  @Test(
    arguments: [
      ["report"], ["report", "x.dat", "--from", "soon"], ["report", "x.dat", "--kernel", "2.6"],
      ["report", "x.dat", "--parameters", "speed=9"], ["report", "x.dat", "--format", "pdf"],
      ["rapport"], ["record", "--duration", "long"],
    ])
  func `on the command line is wrong usage`(arguments: [String]) throws {
    let run = try Run(arguments)
    #expect(run.status == 64, "\(run.error)")
    #expect(run.output == "")
  }

  @Test func `that cannot be written to is named`() throws {
    let run = try Run(["report", Fixtures.trace("bimodal.dat"), "-o", "/nowhere/r.txt"])
    #expect(run.status == 1)
    #expect(run.error.contains("/nowhere/r.txt: cannot be written: No such file or directory"))
  }
}

@Suite struct `The report command` {
  @Test func `shows one vCPU where one is asked for`() throws {
    let run = try Run(
      ["report", Fixtures.trace("exponential.dat"), "--vcpu", "1", "--format", "json"])
    #expect(run.status == 0)
    #expect(run.output.contains("\"vcpu\" : 1"))
    #expect(!run.output.contains("\"vcpu\" : 0"))
  }

  @Test func `finds a VM by its name`() throws {
    let trace = Fixtures.trace("exponential.dat")
    let named = try Run(["report", trace, "--vm", "web1"])
    #expect(named.output.contains("web1 vCPU 0"))
    let other = try Run(["report", trace, "--vm", "db1"])
    #expect(other.status == 1)
    #expect(other.output.isEmpty)
    #expect(
      other.error.contains(/No VM 'db1' in .*exponential.dat. There are: VM web1 \(pid \d+\)/))
  }

  @Test func `takes rules and parameters from the user`() throws {
    let run = try Run(
      [
        "report", Fixtures.trace("exponential.dat"), "--kernel", "5.10", "--parameters",
        "shrink=0,halt_poll_ns=400us", "--format", "json",
      ])
    #expect(run.status == 2)
    #expect(run.output.contains("\"halt_poll_ns\" : 400000"))
    #expect(run.output.contains("\"source\" : \"option\""))
    #expect(run.output.contains("\"rules\" : \"5.8\""))
    #expect(run.error.contains("did not do what its algorithm says"))
  }

  @Test func `reports several traces and their total`() throws {
    let run = try Run(
      ["report", Fixtures.trace("bimodal.dat"), Fixtures.trace("request.dat"), "--details"])
    #expect(run.status == 0)
    #expect(run.output.contains("All 2 traces"))
  }

  @Test func `says that two traces are of the same vCPUs at the same time`() throws {
    let trace = Fixtures.trace("bimodal.dat")
    let run = try Run(["report", trace, trace, "--no-recommendation", "--format", "json"])
    #expect(run.status == 2)
    #expect(run.error.contains("count twice"))
    #expect(run.output.contains(#""overlapping_traces""#))
  }

  @Test func `exports nothing in silence`() throws {
    let run = try Run(
      ["export", Fixtures.trace("bimodal.dat"), "--to", "csv", "--vm", "nosuch"])
    #expect(run.status == 0)
    #expect(run.error.contains("No halts match the filters"))
  }

  @Test(arguments: ["report", "recommend", "sweep"])
  func `takes a grow that no signed number holds`(command: String) throws {
    let run = try Run(
      [
        command, Fixtures.trace("bimodal.dat"), "--parameters",
        "halt_poll_ns=200000,grow=4294967295",
      ])
    #expect(run.status == 0 || run.status == 2, "\(run.error)")
  }
}
