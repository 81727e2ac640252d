package import PollTrace
internal import PollTraceReplay

/// A report as JSON, schema `polltrace.report/1`: keys are the kernel's words with their unit.
///
/// docs/report-schema.md lists them.
package enum JSONReport {
  /// `report` as indented JSON with sorted keys and a newline at the end.
  package static func text(_ report: Report, _ advice: ReportAdvice) -> String {
    let traces = report.traces
    let ends: JSONObject = [
      "ledger": report.ledger.entries.map(\.json),
      "recommendation": advice.given?.json ?? advice.givenToGuest.map(GuestAdviceReport.object),
      "why_not": advice.whyNot,
    ]
    // No trace, no parameters.
    let parameters = traces.first.map { ["parameters": $0.parametersJSON] as JSONObject } ?? [:]
    let cpus = traces.enumerated().flatMap { index, trace in
      (trace.guest?.cpus ?? []).map { $0.json(trace: index) }
    }
    guard !report.isGuests else {
      let body: JSONObject = [
        "schema": "polltrace.report/1", "side": "guest", "trace": traces.map(\.json),
        "cpus": cpus, "total": report.guestTotal.json,
      ]
      return (body + ends + parameters).text
    }
    let body: JSONObject = [
      "schema": "polltrace.report/1", "side": "host", "trace": traces.map(\.json),
      "vcpus": traces.enumerated().flatMap { index, trace in
        trace.vcpus.map { vcpu in
          vcpu.json(trace: index)
            + ["affinity": trace.trace.facts?.affinity(of: vcpu.identity.thread)]
        }
      },
      "vcpu_totals": traces.count > 1 ? report.vcpus.map(\.json) : [],
      "total": report.totalJSON,
    ]
    // Beside a host's traces.
    let guests: JSONObject =
      !traces.contains { $0.guest != nil }
      ? [:]
      : [
        "cpus": cpus, "guest_total": report.guestTotal.json,
        "both_sides": report.sides.map(\.json),
      ]
    return (body + ends + parameters + guests).text
  }
}

extension TraceReport {
  fileprivate var json: JSONObject {
    let own: JSONObject = guest == nil ? [:] : ["guest": trace.facts?.guest?.json]
    return own + [
      "path": trace.path, "format": trace.format, "kernel": trace.kernel, "arch": trace.arch,
      "host": trace.facts?.host, "boot": trace.facts?.boot, "recorder": trace.facts?.recorder,
      "clock": trace.clock.name, "clock_is_time": trace.clock.isTime,
      "begin_ns": trace.clock.isTime ? tally.first?.rawValue : nil,
      "duration_ns": duration?.rawValue, "cpus": trace.cpus, "events": tally.events,
      "lost_events": lostEvents, "losses_of_unknown_size": tally.uncountedLosses,
      "lost_by_cpu": tally.lost.sorted { $0.key < $1.key }.map {
        ["cpu": $0.key.rawValue, "events": $0.value] as JSONObject
      },
      "instances": trace.instances, "parameters": parametersJSON,
      "parameter_changes": guest?.changesJSON
        ?? settings.changes.dropFirst().map {
          ["since_ns": $0.since.rawValue] + $0.parameters.json
        },
      "topology": trace.facts?.topology?.json,
      "idle_switches": trace.facts?.idleSwitchesJSON(from: tally.first, to: tally.last),
    ]
  }

  /// The parameters in the beginning, and where they are known from.
  fileprivate var parametersJSON: JSONObject {
    if let guest { return guest.parametersJSON }
    let sources = zip(PollParameters.names, self.sources.all).map { ($0, $1.rawValue) }
    return parameters.json + [
      "source": self.sources.overall.rawValue, "sources": JSONObject(sources),
      "rules": settings.rules.name,
    ]
  }
}

extension PollParameters {
  /// One set of parameters, under the kernel's names.
  var json: JSONObject { JSONObject(named.map { ($0, $1) }) }
}

extension Ledger.Entry {
  fileprivate var json: JSONObject {
    [
      "kind": kind.rawValue, "count": count, "explanation": kind.explanation, "detail": detail,
      "remedy": kind.remedy,
    ]
  }
}
