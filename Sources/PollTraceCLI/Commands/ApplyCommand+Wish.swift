import PollTrace
import PollTraceAnalysis
import PollTraceCapture
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
      let setting = try Setting(list: text.text, for: target)
      return Wish(
        setting: setting, reason: "as the command line says", notes: Self.unseen(setting, target))
    } catch { throw Usage.of(error) }
  }

  /// The VMs that may have a limit of their own: only their halts tell, and no recording of them is at hand.
  private static func unseen(_ setting: Setting, _ target: Target) -> [String] {
    guard target.name == .host, setting.values[target.ceiling.name] != nil else { return [] }
    var running = RunningVMs()
    _ = running.update()
    let names = running.vms.flatMap { $0.threads.prefix(1) }.map { VCPUIdentity($0).vmName }
    guard !names.isEmpty else { return [] }
    let shown = Untrusted.joined(Array(names.prefix(mostNames)), by: ", ").terminal
    let more = names.count > mostNames ? " and \(names.count - mostNames) more" : ""
    return [
      "not known of \(shown)\(more): whether it keeps a limit of its own (KVM_CAP_HALT_POLL), "
        + "which the setting does not reach",
      "its halts tell: polltrace record --duration 10 && polltrace report trace.dat",
    ]
  }

  private static let mostNames = 8

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
