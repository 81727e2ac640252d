extension MetricFormat {
  /// The format that fits the header Accept of a request (RFC 9110, 12.5.1): OpenMetrics where it is
  /// named and wanted no less than plain text, else the older one, which all can read.
  package init(accept: String) {
    var openMetrics = 0.0
    var text = 0.0
    for range in accept.lowercased().split(separator: ",") {
      let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
      guard let type = parts.first else { continue }
      func parameter(_ name: String) -> String? {
        parts.dropFirst().first { $0.hasPrefix(name + "=") }.map { $0.filter { $0 != "\"" } }
          .map { String($0.dropFirst(name.count + 1)) }
      }
      let weight = parameter("q").map { Double($0) ?? 0 } ?? 1
      let version = parameter("version")
      switch type {
      case "application/openmetrics-text" where version == nil || version == "1.0.0":
        openMetrics = max(openMetrics, weight)
      case "text/plain" where version == nil || version == "0.0.4": text = max(text, weight)
      default: break
      }
    }
    self = openMetrics > 0 && openMetrics >= text ? .openMetrics : .text
  }
}
