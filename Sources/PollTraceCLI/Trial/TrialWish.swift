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
    _ settings: [Setting], _ traces: [OSString], _ adviser: (Report) -> Adviser, force: Bool,
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
    guard target.name == .host else {
      throw Refusal(
        description: "a trace cannot say yet what to try with --target guest\n  "
          + "Name the values: --setting guest_halt_poll_ns=200us.")
    }
    let read = try AnalysedTraces(forReplay: traces, AnalysisOptions())
    let report = read.report
    if !force { try Refusal.otherHosts(report) }
    let vcpus = read.vcpus()
    ledger = report.ledger
    haltsPerSecond = report.total.haltsPerSecond
    let adviser = adviser(report)
    var lists = settings
    if lists.isEmpty {
      let found = try RecommendedSetting(adviser, vcpus, report, traces, now)
      lists = [found.setting]
      (reason, notes) = (found.reason, found.notes)
    }
    candidates = try Self.candidates(lists, over: now, for: target)
    current = now.only(candidates.flatMap(\.values.keys))
    predicted = Self.predict(candidates.map { $0.over(now) }, over: now, vcpus, adviser)
  }

  /// What the replay says of the cost under each of `settings`, against that under `current`.
  private static func predict(
    _ settings: [Setting], over current: Setting, _ vcpus: [RecordedVCPU], _ adviser: Adviser
  ) -> [TrialReport.Predicted?] {
    guard let now = current.pollParameters else { return settings.map { _ in nil } }
    let host = HostReplay(
      vcpus.filter { $0.figures.decisionsAreRecorded && !$0.hasOwnCeiling },
      threads: adviser.threads)
    let wanted = settings.map(\.pollParameters)
    let predictions = host.predict(
      [now] + wanted.compactMap(\.self), weight: adviser.objective.latencyWeight)
    let before = predictions.total(now).cost.value
    guard before > 0 else { return settings.map { _ in nil } }
    return wanted.map { parameters in
      parameters.map {
        let cost = predictions.total($0).cost
        return TrialReport.Predicted(
          ratio: cost.value / before,
          range: cost.range.lowerBound / before...cost.range.upperBound / before)
      }
    }
  }
}

extension Setting {
  /// kvm's four parameters, with what a kernel without `grow_start` does; nil of another target.
  var pollParameters: PollParameters? {
    let names = PollParameters.names
    guard let ceiling = values[names[0]], let grow = values[names[1]], let shrink = values[names[3]]
    else { return nil }
    return PollParameters(
      ceiling: ceiling, grow: grow, growStart: values[names[2]] ?? 10_000, shrink: shrink)
  }
}
