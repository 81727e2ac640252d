internal import PollTrace

/// The text that metrics travel in.
package enum MetricFormat: Sendable {
  /// Prometheus' text format 0.0.4 (github.com/prometheus/docs,
  /// content/docs/instrumenting/exposition_formats.md).
  case text
  /// OpenMetrics 1.0 (github.com/prometheus/OpenMetrics, specification/OpenMetrics.md).
  case openMetrics

  /// What the header Content-Type says of it: Prometheus 3 reads nothing without.
  package var contentType: String {
    switch self {
    case .text: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }
}

/// Writes families of metrics.
struct MetricText {
  let format: MetricFormat
  private(set) var text = ""

  init(_ format: MetricFormat) { self.format = format }

  /// All of `families`; those without samples are left out.
  static func text(_ families: [MetricFamily], _ format: MetricFormat) -> String {
    var writer = MetricText(format)
    for family in families where !family.samples.isEmpty { writer.write(family) }
    if format == .openMetrics { writer.text += "# EOF\n" }
    return writer.text
  }

  private mutating func write(_ family: MetricFamily) {
    let ending =
      switch family.kind {
      case .counter: "_total"
      case .info: "_info"
      case .gauge, .histogram: ""
      }
    // OpenMetrics describes families, the older format the samples' names.
    let name = format == .openMetrics ? family.name : family.name + ending
    text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(type(of: family))\n"
    if format == .openMetrics, family.unit != .none {
      text += "# UNIT \(name) \(family.unit.rawValue)\n"
    }
    for sample in family.samples {
      text += family.name + ending + sample.suffix
      if !sample.labels.isEmpty {
        text +=
          "{" + sample.labels.map { "\($0.name)=\"\($0.value.label)\"" }.joined(separator: ",")
        text += "}"
      }
      text += " \(sample.value.text)\n"
    }
  }

  private func type(of family: MetricFamily) -> String {
    switch family.kind {
    case .counter: "counter"
    case .gauge: "gauge"
    case .info: format == .openMetrics ? "info" : "gauge"
    case .histogram: "histogram"
    }
  }
}

extension MetricValue {
  /// As both formats write numbers.
  var text: String {
    switch self {
    case .count(let count): "\(count)"
    case .time(let time): Self.seconds(time)
    case .real(let value): Self.real(value)
    }
  }

  /// Nanoseconds in seconds, without rounding.
  private static func seconds(_ time: UInt64) -> String {
    let (whole, part) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard part > 0 else { return "\(whole)" }
    let digits = "\(part)"
    let padded = String(repeating: "0", count: 9 - digits.count) + digits
    return "\(whole)." + padded.reversed().drop { $0 == "0" }.reversed()
  }

  private static func real(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return "\(value)"
  }
}
