import PollTrace
import PollTraceAnalysis
import PollTraceReplay
import PollTraceTuning

extension ApplyCommand {
  /// What is to be set, and why.
  struct Wish {
    var setting: Setting
    var reason: Untrusted
    /// What the user should know, a line each.
    var notes: [String] = []
    /// What the trace lacks.
    var ledger: Ledger?
  }

  func wish(_ target: Target) throws -> Wish {
    if setting[0] == "recommended" { return try recommended(target) }
    let text = setting[0]
    do throws(TuningError) {
      return Wish(
        setting: try Setting(list: text.text, for: target), reason: "as the command line says")
    } catch { throw Usage.of(error) }
  }

  private func recommended(_ target: Target) throws -> Wish {
    let traces = Array(setting.dropFirst())
    let read = try AnalysedTraces(forReplay: traces, AnalysisOptions())
    let report = read.report
    if !force { try Refusal.otherHosts(report) }
    let found = try found(read, report, target)
    return Wish(
      setting: found.setting, reason: found.reason, notes: found.notes, ledger: report.ledger)
  }

  private func found(
    _ read: AnalysedTraces, _ report: Report, _ target: Target
  ) throws -> RecommendedSetting {
    let (traces, now) = (Array(setting.dropFirst()), try target.current())
    guard target.name == .host else {
      return try RecommendedSetting(
        GuestAdviser(report, objective, maxPollShare: maxPollCpu), read.ownReplay(), traces, now)
    }
    return try RecommendedSetting(
      Adviser(report, objective, maxPollShare: maxPollCpu), read.vcpus(), report, traces, now)
  }
}
