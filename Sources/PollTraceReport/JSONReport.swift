internal import FoundationEssentials
package import PollTrace
internal import PollTraceReplay

/// A report as JSON, schema `polltrace.report/1`: keys are the kernel's words with their unit.
///
/// docs/report-schema.md lists them.
package enum JSONReport {
  /// `report` as indented JSON with sorted keys and a newline at the end.
  package static func text(_ report: Report, _ advice: ReportAdvice) throws -> String {
    try JSON.text(ReportBody(report, advice))
  }
}

/// How all of polltrace's JSON is written.
enum JSON {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}

/// The top of the report.
private struct ReportBody: Encodable {
  var schema = "polltrace.report/1"
  var trace: [TraceBody]
  var parameters: ParametersBody?
  var vcpus: [VCPUBody]
  var vcpu_totals: [VCPUTotalBody]
  var total: TotalBody
  var ledger: [LedgerBody]
  var advice: ReportAdvice

  init(_ report: Report, _ advice: ReportAdvice) {
    self.advice = advice
    trace = report.traces.map(TraceBody.init)
    parameters = report.traces.first.map { ParametersBody($0) }
    vcpus = report.traces.enumerated().flatMap { index, trace in
      trace.vcpus.map { VCPUBody($0, trace: index) }
    }
    vcpu_totals = report.traces.count > 1 ? report.vcpus.map(VCPUTotalBody.init) : []
    total = TotalBody(report)
    ledger = report.ledger.entries.map(LedgerBody.init)
  }

  private enum Keys: String, CodingKey {
    case schema, trace, parameters, vcpus, vcpu_totals, total, ledger, recommendation, why_not
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(schema, forKey: .schema)
    try container.encode(trace, forKey: .trace)
    try container.encode(parameters, forKey: .parameters)
    try container.encode(vcpus, forKey: .vcpus)
    try container.encode(vcpu_totals, forKey: .vcpu_totals)
    try container.encode(total, forKey: .total)
    try container.encode(ledger, forKey: .ledger)
    try container.encode(advice.given.map { RecommendationBody($0) }, forKey: .recommendation)
    try container.encode(advice.whyNot, forKey: .why_not)
  }
}

private struct TraceBody: Encodable {
  var path: String
  var format: String
  @OrNull var kernel: String?
  @OrNull var arch: String?
  @OrNull var host: String?
  @OrNull var boot: String?
  @OrNull var recorder: String?
  var clock: String
  var clock_is_time: Bool
  @OrNull var begin_ns: UInt64?
  @OrNull var duration_ns: UInt64?
  var cpus: Int
  var events: UInt64
  var lost_events: UInt64
  var losses_of_unknown_size: UInt64
  var lost_by_cpu: [Loss]
  var instances: [String]
  var parameters: ParametersBody
  var parameter_changes: [Change]

  struct Loss: Encodable {
    var cpu: UInt32
    var events: UInt64
  }
  struct Change: Encodable {
    var since_ns: UInt64
    var halt_poll_ns: UInt32
    var halt_poll_ns_grow: UInt32
    var halt_poll_ns_grow_start: UInt32
    var halt_poll_ns_shrink: UInt32
  }

  init(_ report: TraceReport) {
    let trace = report.trace
    path = trace.path
    format = trace.format
    kernel = trace.kernel
    arch = trace.arch
    host = trace.facts?.host
    boot = trace.facts?.boot
    recorder = trace.facts?.recorder
    clock = trace.clock.name
    clock_is_time = trace.clock.isTime
    begin_ns = trace.clock.isTime ? report.tally.first?.rawValue : nil
    duration_ns = report.duration?.rawValue
    cpus = trace.cpus
    events = report.tally.events
    lost_events = report.lostEvents
    losses_of_unknown_size = report.tally.uncountedLosses
    lost_by_cpu = report.tally.lost.sorted { $0.key < $1.key }
      .map { Loss(cpu: $0.key.rawValue, events: $0.value) }
    instances = trace.instances
    parameters = ParametersBody(report)
    parameter_changes = report.settings.changes.dropFirst().map {
      Change(
        since_ns: $0.since.rawValue, halt_poll_ns: $0.parameters.ceiling,
        halt_poll_ns_grow: $0.parameters.grow, halt_poll_ns_grow_start: $0.parameters.growStart,
        halt_poll_ns_shrink: $0.parameters.shrink)
    }
  }
}

private struct ParametersBody: Encodable {
  var halt_poll_ns: UInt32
  var halt_poll_ns_grow: UInt32
  var halt_poll_ns_grow_start: UInt32
  var halt_poll_ns_shrink: UInt32
  var source: String
  var rules: String

  init(_ report: TraceReport) {
    halt_poll_ns = report.parameters.ceiling
    halt_poll_ns_grow = report.parameters.grow
    halt_poll_ns_grow_start = report.parameters.growStart
    halt_poll_ns_shrink = report.parameters.shrink
    source = report.source.rawValue
    rules = report.settings.rules.name
  }
}

private struct LedgerBody: Encodable {
  var kind: String
  var count: UInt64
  var explanation: String
  var detail: String
  @OrNull var remedy: String?

  init(_ entry: Ledger.Entry) {
    kind = entry.kind.rawValue
    count = entry.count
    explanation = entry.kind.explanation
    detail = entry.detail
    remedy = entry.kind.remedy
  }
}
