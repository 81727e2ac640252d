import PollTrace
import PollTraceAnalysis
import PollTraceCapture
import PollTraceReplay
import PollTraceReport
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
    guard target.name == .host else {
      throw Refusal(
        description: "recommended: there is none for --target guest\n  "
          + "Name the values, for example guest_halt_poll_ns=200us.")
    }
    let traces = Array(setting.dropFirst())
    let read = try AnalysedTraces(forReplay: traces, AnalysisOptions())
    let report = read.report
    try refuseOtherHosts(report)
    var adviser = Adviser(report, threads: Processors.usable)
    adviser.objective = objective
    adviser.maxPollShare = maxPollCpu
    guard let value = adviser.advise(read.vcpus()) else { throw Refusal.nothingToReplay(report) }
    let advice = Advice(value)
    guard case .change = value.verdict, let parameters = value.recommended?.parameters else {
      throw Refusal(description: advice.answer + "\n  Nothing was set.")
    }
    let now = try target.current()
    var notes = advice.warnings + advice.unreached
    if let recorded = value.current.parameters,
      Setting(recorded).only(now.values.keys).over(now) != now
    {
      notes.append(
        "This host has \(now.list(for: target)) now; the prediction is over what was recorded."
      )
    }
    let names = traces.map { Untrusted($0.shown) }
    return Wish(
      setting: Setting(parameters).only(now.values.keys),
      reason: "recommended from \(Untrusted.joined(names, by: ", ")): \(advice.promise)",
      notes: notes, ledger: report.ledger)
  }

  /// A host's guests are its own.
  private func refuseOtherHosts(_ report: Report) throws {
    let own = Untrusted(Machine.name.host)
    let hosts = report.traces.compactMap(\.trace.facts?.host).filter { !$0.isEmpty }
    guard !force, let other = hosts.first(where: { $0 != own }) else { return }
    throw Refusal(
      description: "recorded on host \(other.terminal), and this is \(own.terminal)\n  "
        + "Record here, or say --force.")
  }
}
