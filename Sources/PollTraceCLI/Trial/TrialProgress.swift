import PollTrace
import PollTraceReport
import PollTraceTrial

/// The line that says how far a trial is, on a terminal.
struct TrialProgress {
  private let isTerminal = Terminal.isTerminal(2)
  private static let clear = "\r\u{1b}[K"

  func show(_ session: TrialSession, at now: Timestamp) {
    guard isTerminal else { return }
    let left = Numbers.fixed(Double(session.left(at: now).rawValue) / 1e9, 0)
    var parts = ["round \(session.roundNumber) of \(session.design.rounds.count), \(left) s left"]
    if let setting = session.setting { parts.append(setting == 0 ? "now" : "setting \(setting)") }
    parts += session.judge.effects.filter { $0.pairs > 0 }.map {
      "\($0.setting): cost \(TrialWords.change($0.ratio, $0.range))"
    }
    var error = StandardError()
    print(Self.clear + Terminal.spelt(parts.joined(separator: "; ")), terminator: "", to: &error)
  }

  func close() {
    guard isTerminal else { return }
    var error = StandardError()
    print(Self.clear, terminator: "", to: &error)
  }
}
