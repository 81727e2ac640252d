import PollTrace
import PollTraceAnalysis
import PollTraceCapture
import PollTraceReplay
import PollTraceReport
import PollTraceTuning

/// What `polltrace recommend` says of traces, as a setting.
struct RecommendedSetting {
  var setting: Setting
  var reason: Untrusted
  /// What the user should know, a line each.
  var notes: [String] = []

  /// What `adviser` says of `vcpus`, where `now` holds.
  ///
  /// - Throws: where it recommends nothing.
  init(
    _ adviser: Adviser, _ vcpus: [RecordedVCPU], _ report: Report, _ traces: [OSString],
    _ now: Setting
  ) throws {
    guard !report.traces.contains(where: { $0.guest != nil }) else {
      throw Refusal(
        description: "a guest's own recording, which says nothing of --target host\n  "
          + "Say --target guest inside that guest, or record on the host.")
    }
    guard let value = adviser.advise(vcpus) else { throw Refusal.nothingToReplay(report) }
    let advice = Advice(value)
    guard case .change = value.verdict, let parameters = value.recommended?.parameters else {
      throw Refusal(description: advice.answer + "\n  Nothing was set.")
    }
    notes = advice.warnings + advice.unreached
    setting = Setting(parameters).only(now.values.keys)
    reason = Self.reason(traces, advice.promise)
    if let recorded = value.current.parameters { noteOthers(Setting(recorded), now, "host") }
  }

  /// The same of a guest's own polling.
  ///
  /// - Throws: where it recommends nothing.
  init(_ adviser: GuestAdviser, _ guest: GuestReplay, _ traces: [OSString], _ now: Setting) throws {
    let value = adviser.advise(guest)
    guard case .change = value.verdict, let best = value.recommended else {
      throw Refusal(description: GuestAdviceReport.answer(value) + "\n  Nothing was set.")
    }
    setting = Setting(best.parameters).only(now.values.keys)
    reason = Self.reason(traces, GuestAdviceReport.promise(value, of: best))
    noteOthers(Setting(value.current.parameters), now, "guest")
  }

  private static func reason(_ traces: [OSString], _ promise: String) -> Untrusted {
    let names = traces.map { Untrusted($0.shown) }
    return "recommended from \(Untrusted.joined(names, by: ", ")): \(promise)"
  }

  /// Notes where `recorded` is not what holds `now`.
  private mutating func noteOthers(_ recorded: Setting, _ now: Setting, _ side: String) {
    guard recorded.only(now.values.keys).over(now) != now else { return }
    notes.append(
      "This \(side) has other values now than were recorded; the prediction is over what was recorded."
    )
  }
}

extension Adviser {
  /// Advises on the traces of `report`, on all processors.
  init(_ report: Report, _ objective: Objective, maxPollShare: Double? = nil) {
    self.init(report, threads: Processors.usable)
    self.objective = objective
    self.maxPollShare = maxPollShare
  }
}

extension GuestAdviser {
  /// Advises on the traces of `report`.
  init(_ report: Report, _ objective: Objective, maxPollShare: Double? = nil) {
    self.init()
    self.objective = objective
    self.maxPollShare = maxPollShare
    lostEvents = report.traces.reduce(0) { $0.plus($1.lostEvents) }
    trialBlocks = report.trialBlocks
  }
}

extension AnalysedTraces {
  /// The replay of traces that a guest recorded of itself.
  ///
  /// - Throws: `Refusal` where one is a host's, or there is nothing to replay.
  func ownReplay() throws -> GuestReplay {
    guard let replay = try guestReplay() else {
      let paths = report.traces.map(\.trace.path.terminal).joined(separator: ", ")
      throw Refusal(
        description: "\(paths): a host's recording, which says nothing of --target guest\n  "
          + "Record inside the guest: polltrace record --guest.")
    }
    return replay
  }
}

extension Refusal {
  /// A host's guests are its own.
  static func otherHosts(_ report: Report) throws {
    let own = Untrusted(Machine.name.host)
    let hosts = report.traces.compactMap(\.trace.facts?.host).filter { !$0.isEmpty }
    guard let other = hosts.first(where: { $0 != own }) else { return }
    throw Refusal(
      description: "recorded on host \(other.terminal), and this is \(own.terminal)\n  "
        + "Record here, or say --force.")
  }
}
