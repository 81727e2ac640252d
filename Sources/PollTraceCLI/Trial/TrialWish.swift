import PollTrace
import PollTraceAnalysis
import PollTraceReplay
import PollTraceTrial
import PollTraceTuning

/// What is to be tried, and what a trace says of it.
struct TrialWish {
  /// The values that hold now, of all names that a candidate sets.
  var current: Setting
  var candidates: [Setting]
  var predicted: [TrialReport.Predicted?]
  var reason: Untrusted
  /// Halts a second of a vCPU; nil without a trace.
  var haltsPerSecond: Double?
  var notes: [String] = []
  var ledger: Ledger?

  /// The settings of a list of candidates, checked against each other.
  static func candidates(
    _ lists: [Setting], over current: Setting, for target: Target
  ) throws -> [Setting] {
    for (number, setting) in lists.enumerated() {
      let whole = setting.over(current)
      guard whole != current else {
        throw Refusal(
          description: "\(setting.list(for: target)) is what holds already\n  "
            + "Name another setting to try.")
      }
      guard !lists.prefix(number).contains(where: { $0.over(current) == whole }) else {
        throw Refusal(description: "\(setting.list(for: target)) stands there twice")
      }
    }
    return lists
  }

  /// Tries `settings`, or what fits the traces best where there is none.
  init(
    _ settings: [Setting], _ traces: [OSString], _ objective: Objective, force: Bool,
    for target: Target
  ) throws {
    let now = try target.current()
    predicted = []
    reason = "as the command line says"
    guard !traces.isEmpty else {
      candidates = try Self.candidates(settings, over: now, for: target)
      current = now.only(candidates.flatMap(\.values.keys))
      predicted = candidates.map { _ in nil }
      return
    }
    let read = try AnalysedTraces(forReplay: traces, AnalysisOptions())
    let report = read.report
    if !force { try Refusal.otherHosts(report) }
    ledger = report.ledger
    let evidence: any TrialEvidence =
      target.name == .host
      ? HostEvidence(read, report, objective)
      : GuestEvidence(try read.ownReplay(), GuestAdviser(report, objective))
    haltsPerSecond = evidence.haltsPerSecond
    var lists = settings
    if lists.isEmpty {
      let found = try evidence.recommended(traces, now)
      lists = [found.setting]
      (reason, notes) = (found.reason, found.notes)
    }
    candidates = try Self.candidates(lists, over: now, for: target)
    current = now.only(candidates.flatMap(\.values.keys))
    let costs = evidence.costs([now] + candidates.map { $0.over(now) })
    predicted = costs.dropFirst().map { cost in
      guard let cost, let before = costs[0]?.value, before > 0 else { return nil }
      return TrialReport.Predicted(
        ratio: cost.value / before,
        range: cost.range.lowerBound / before...cost.range.upperBound / before)
    }
  }
}
