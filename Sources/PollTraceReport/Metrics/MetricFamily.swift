internal import PollTrace

/// Samples of one metric, with what they mean.
struct MetricFamily {
  enum Kind {
    /// Only grows, until what is counted begins anew. Its samples' names end with `_total`.
    case counter
    case gauge
    /// Names in labels; its value is always 1. Its samples' names end with `_info`.
    case info
    /// Samples are `_bucket` with the label `le`, `_sum` and `_count`.
    case histogram
  }

  /// The unit that a name ends with.
  enum Unit: String {
    case none = ""
    case seconds, ratio
  }

  /// A label and its value; the name is the program's own.
  typealias Label = (name: String, value: Untrusted)

  struct Sample {
    /// What follows the family's name, beside what its kind asks for.
    var suffix = ""
    var labels: [Label] = []
    var value: MetricValue
  }

  /// Without `_total` and `_info`.
  var name: String
  var kind: Kind
  var unit: Unit = .none
  /// One sentence; no quotes, no backslash, one line.
  var help: String
  var samples: [Sample] = []
}

/// A number as metrics write it.
enum MetricValue {
  case count(UInt64)
  /// Shown in seconds, exactly.
  case time(UInt64)
  case real(Double)
}

extension MetricFamily {
  /// A counter or a gauge without labels, if there is a value.
  static func one(
    _ name: String, _ kind: Kind, unit: Unit = .none, _ help: String, _ value: MetricValue?
  ) -> MetricFamily {
    MetricFamily(
      name: name, kind: kind, unit: unit, help: help,
      samples: value.map { [Sample(value: $0)] } ?? []
    )
  }
}
