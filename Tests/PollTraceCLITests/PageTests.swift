import Fixtures
import Foundation
import PollTrace
import Testing

/// The page that `polltrace report --format html` makes.
private func page(of traces: [String], _ options: [String] = []) throws -> String {
  let run = try Run(["report", "--format", "html"] + options + traces)
  #expect([0, 2].contains(run.status), "\(run.error)")
  return run.output
}

/// A trace of VMs whose names are `names`, with `vcpus` vCPUs each.
private func content(named names: [String], vcpus: UInt32, halts: Int = 60) throws -> Data {
  var builder = TraceBuilder(
    InventedHalts.events(halts, vcpus: UInt32(names.count) * vcpus))
  var facts =
    """
    polltrace.facts/1
    recorder name=polltrace
    host name=h boot=b kernel=6.18.0 arch=x86_64
    recording clock=mono began=5000000000 ended=5100000000 sched=1
    parameters since=1 halt_poll_ns=200000 grow=2 grow_start=10000 shrink=2
    parameters since=5004000000 not_before=5003000000 halt_poll_ns=100000 grow=2 grow_start=10000 shrink=2

    """
  for (number, name) in names.enumerated() {
    let name = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    for vcpu in 0..<vcpus {
      let thread = 1_000 + UInt32(number) * vcpus + vcpu
      facts += "vcpu tid=\(thread) pid=\(900 + number) vm=\(name) id=\(vcpu)\n"
    }
  }
  builder.add(option: 9, facts)
  return Data(builder.file)
}

@Suite struct `A report's page` {
  @Test(arguments: ["exponential.dat", "floating.dat", "off.dat", "no-sched.dat", "lost.dat"])
  func `has each picture with its words and its table`(name: String) throws {
    let page = try page(of: [Fixtures.trace(name)])
    let figures = page.components(separatedBy: "<figure ").dropFirst()
    // There are no settings to compare where the module parameters reach no VM.
    #expect(figures.count >= (name == "off.dat" ? 4 : 5))
    for figure in figures {
      let figure = figure.components(separatedBy: "</figure>")[0]
      #expect(figure.contains("role=\"img\""))
      for (begin, end) in [("<title id=", "</title>"), ("<desc id=", "</desc>")] {
        let words = figure.components(separatedBy: begin).last?.components(separatedBy: end).first
        #expect((words?.count ?? 0) > 15, "\(begin) in \(figure.prefix(80))")
      }
      #expect(figure.contains("<details>") && figure.contains("<tbody><tr"))
    }
    #expect(!page.contains("NaN") && !page.contains("inf"))
  }

  @Test func `begins with the answer and ends with what could not be known`() throws {
    let page = try page(of: [Fixtures.trace("request.dat")])
    let marks = [
      "id=\"answer\"", "too short (at least", "id=\"vcpus\"", "id=\"lengths\"", "id=\"windows\"",
      "id=\"settings\"", "id=\"heat\"", "id=\"prediction\"", "id=\"ledger\"",
      "Failed polls that were not measured",
    ]
    let places = try marks.map { try #require(page.range(of: $0), "\($0)").lowerBound }
    #expect(places == places.sorted())
  }

  @Test func `names nothing outside itself`() throws {
    let page = try page(of: [Fixtures.trace("exponential.dat")])
    for word in ["http:", "https:", "src=", "@import", "url(", "<link rel=\"stylesheet"] {
      #expect(!page.contains(word), "\(word)")
    }
  }

  /// Two VMs of this name, and one that would break out of an attribute.
  private static let hostile = [
    "<script>alert(1)</script>", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
  ]

  @Test func `is tested in a browser with a trace made here`() throws {
    let file = try content(named: Self.hostile, vcpus: 2)
    let path = Fixtures.trace("hostile-names.dat")
    if ProcessInfo.processInfo.environment["MAKE_FIXTURES"] != nil {
      try file.write(to: URL(filePath: path))
    }
    #expect(try Data(contentsOf: URL(filePath: path)) == file)
  }

  @Test func `shows a VM's name and does not run it`() throws {
    let page = try page(of: [Fixtures.trace("hostile-names.dat")])
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(page.contains("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"))
    #expect(page.components(separatedBy: "<script>").count == 2)
    #expect(!page.contains("<img"))
  }

  @Test func `stays under 1.5 MB with 64 vCPUs, of which it pictures 32`() throws {
    let file = try TemporaryFile(
      try content(named: (0..<16).map { "vm\($0)" }, vcpus: 4, halts: 400))
    let page = try page(of: [file.path])
    #expect(page.utf8.count < 1_500_000)
    #expect(page.components(separatedBy: "id=\"window-").count - 1 == 3 * 32)
    #expect(page.contains("The worst 32 of 64 vCPUs are shown."))
    #expect(page.components(separatedBy: "class=\"change\"").count - 1 == 32)
  }

  @Test func `takes filters and several traces`() throws {
    let traces = ["exponential.dat", "bursty.dat"].map(Fixtures.trace)
    let both = try page(of: traces)
    #expect(both.contains("2 traces") || both.components(separatedBy: "trace.dat v6").count == 3)
    let one = try page(of: traces, ["--vcpu", "1", "--from", "100ms", "--to", "200ms"])
    #expect(one.contains(">vCPU 1</") && !one.contains(">vCPU 0</"))
    // The other trace has no vCPU 1, and says what it has.
    #expect(one.contains("No halts match the filters. (there are VM"))
  }

  @Test func `allows its own script and no other`() throws {
    let page = try page(of: [Fixtures.trace("off.dat")])
    let script = try #require(
      page.components(separatedBy: "<script>").last?.components(separatedBy: "</script>").first)
    let file = try TemporaryFile(Data(script.utf8))
    let sum = Process()
    let pipe = Pipe()
    sum.executableURL = URL(filePath: "/usr/bin/sha256sum")
    sum.arguments = [file.path]
    sum.standardOutput = pipe
    try sum.run()
    let digits = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      .prefix(64)
    let bytes = stride(from: 0, to: 64, by: 2).compactMap {
      UInt8(digits.dropFirst($0).prefix(2), radix: 16)
    }
    let hash = Data(bytes).base64EncodedString()
    #expect(page.contains("script-src 'sha256-\(hash)'"), "Script.hash must be \(hash)")
  }

  @Test func `replaces a file as a whole`() throws {
    let file = try TemporaryFile(Data("old".utf8))
    let trace = Fixtures.trace("off.dat")
    #expect(try Run(["report", trace, "--format", "html", "-o", file.path]).status != 64)
    #expect(try String(contentsOfFile: file.path, encoding: .utf8).hasPrefix("<!DOCTYPE html>"))
    let folder = URL(filePath: file.path).deletingLastPathComponent()
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".part") }
    #expect(left.isEmpty)
    let nowhere = try Run(["report", trace, "-o", "/nowhere/report.txt"])
    #expect(nowhere.status == 1)
    #expect(nowhere.error.contains("/nowhere/report.txt: cannot be written"))
  }
}
