import PollTrace
import PollTraceCapture
import PollTraceReplay
import PollTraceReport
import PollTraceTuning

/// What `polltrace recommend` says of traces, as a setting.
struct RecommendedSetting {
  var setting: Setting
  var reason: Untrusted
  /// What the user should know, a line each.
  var notes: [String]

  /// What `adviser` says of `vcpus`, where `now` holds.
  ///
  /// - Throws: where it recommends nothing.
  init(
    _ adviser: Adviser, _ vcpus: [RecordedVCPU], _ report: Report, _ traces: [OSString],
    _ now: Setting
  ) throws {
    guard let value = adviser.advise(vcpus) else { throw Refusal.nothingToReplay(report) }
    let advice = Advice(value)
    guard case .change = value.verdict, let parameters = value.recommended?.parameters else {
      throw Refusal(description: advice.answer + "\n  Nothing was set.")
    }
    notes = advice.warnings + advice.unreached
    if let recorded = value.current.parameters,
      Setting(recorded).only(now.values.keys).over(now) != now
    {
      notes.append(
        "This host has other values now than were recorded; the prediction is over what was recorded."
      )
    }
    setting = Setting(parameters).only(now.values.keys)
    let names = traces.map { Untrusted($0.shown) }
    reason = "recommended from \(Untrusted.joined(names, by: ", ")): \(advice.promise)"
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
