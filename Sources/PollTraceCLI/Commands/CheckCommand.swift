import ArgumentParser
import PollTrace
import PollTraceCapture
import PollTraceReport

/// The command `polltrace check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check what recording needs on this host, and say how to fix what is missing.",
    discussion: """
      Changes nothing. The lines of each VM say where its counts come from without tracing, and what \
      would show more. Of a machine that is itself a guest it says how its CPUs poll before they halt.

      With --self-test it runs small VMs whose vCPUs halt for some seconds, records them, and compares \
      every grow and shrink with the algorithm, and what the trace shows with KVM's own counts: whether \
      this kernel does what predictions and recommendations assume. Needs root, tracefs and /dev/kvm. \
      Do it once for each new kernel.

      Examples:
        polltrace check && polltrace record --duration 30
        sudo polltrace check --self-test

      Exit codes: 0 polltrace record works here, or the kernel behaves as modelled; 1 something that is \
      needed is missing; 2 the kernel does not behave as modelled, or too little could be compared.
      """)

  @Flag(help: "Run, record and compare small VMs: does this kernel behave as modelled?")
  var selfTest = false

  func run() throws {
    let preflight = Preflight()
    if selfTest, preflight.canRecord { return try test() }
    let lines = (preflight.findings + GuestPreflight().findings + CounterFindings.all).map {
      finding in
      let remedy = finding.remedy.map { "\n            fix: \($0)" } ?? ""
      return
        "\(Self.mark(finding.state)) \(Self.padded(finding.subject)) "
        + "\(finding.detail.terminal)\(remedy)"
    }
    try Output.write(lines.joined(separator: "\n") + "\n", path: nil)
    guard preflight.canRecord else {
      StandardError.say("polltrace: something that recording needs is missing")
      throw ExitCode(1)
    }
  }

  private func test() throws {
    let run = try SelfTestRun()
    StandardError.say("polltrace: runs and records small VMs for some seconds")
    let result = try run.run()
    try Output.write(Terminal.spelt(TextSelfTest.text(result)), path: nil)
    guard result.verdict == .asModelled else { throw ExitCode(2) }
  }

  private static func mark(_ state: Preflight.Finding.State) -> String {
    switch state {
    case .present: "ok  "
    case .lacking: "note"
    case .missing: "MISS"
    }
  }

  private static func padded(_ subject: String) -> String {
    subject + String(repeating: " ", count: max(0, 10 - subject.count))
  }
}
