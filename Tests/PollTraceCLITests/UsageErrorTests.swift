import Fixtures
import Foundation
import Testing

private let trace = Fixtures.trace("guest.dat")

@Suite struct `Wrong usage` {
  @Test(
    arguments: [
      (["reprot", "x", "--vm", "web1"], "Unknown command 'reprot'. Did you mean 'report'?"),
      (["frobnicate"], "Unknown command 'frobnicate'. See 'polltrace --help'."),
      (["trace.dat"], "'trace.dat' is not a command. Try: polltrace report trace.dat"),
      (
        ["report", "t.dat", "--halt-poll-ns", "50us"],
        "report has no --halt-poll-ns. To try a setting: polltrace replay TRACE --halt-poll-ns 50us"
      ),
      (["recommend", "t.dat", "--all"], "--all belongs to 'polltrace report'."),
      (
        ["report"],
        "Name a trace, for example: polltrace report trace.dat (- reads standard input)"
      ),
      (
        ["replay", trace, "--halt-poll-ns", "50xs"],
        "--halt-poll-ns: '50xs' is not a time from 0 to 4.29 s; for example 200us"
      ),
      (["replay", trace, "--halt-poll-ns", "50xs"], "See 'polltrace replay --help'."),
      (["recommend", trace, "--max-poll-cpu", "10x"], "0 to 100, for example 10"),
    ] as [([String], String)])
  func `is told the sentence that helps`(arguments: [String], sentence: String) throws {
    let run = try Run(arguments)
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    #expect(run.error.contains(sentence), "\(run.error)")
  }

  @Test func `of an option that nobody has is told as ever`() throws {
    let run = try Run(["report", "t.dat", "--frobnicate"])
    #expect(run.status == 64)
    #expect(run.error.contains("Unknown option '--frobnicate'"))
  }

  @Test func `is not a percent sign`() throws {
    let (plain, signed) = (
      try Run(["recommend", trace, "--max-poll-cpu", "10"]),
      try Run(["recommend", trace, "--max-poll-cpu", "10%"])
    )
    #expect(signed.status == 0)
    #expect(plain.output == signed.output)
  }
}

@Suite struct `The help` {
  @Test func `says how to begin, and names check first`() throws {
    let help = try Run(["--help"]).output
    let steps = ["1. sudo polltrace check", "2. sudo polltrace record", "3. polltrace recommend"]
    for step in steps { #expect(help.contains(step)) }
    let commands = help.components(separatedBy: "SUBCOMMANDS:\n").last ?? ""
    #expect(commands.hasPrefix("  check "))
  }
}
