import ArgumentParser
import PollTrace
import PollTraceCapture
import PollTraceReport

/// The command `polltrace check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say what this host lacks for recording, and the command that fixes each thing.",
    discussion: """
      Looks only; changes nothing. The lines of each VM say where its counts come from without \
      tracing, and what would show more.

      Example: polltrace check && polltrace record --duration 30

      Exit codes: 0 polltrace record works here; 1 something it needs is missing.
      """)

  func run() throws {
    let preflight = Preflight()
    let lines = (preflight.findings + CounterFindings.all).map { finding in
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
