import ArgumentParser
import PollTrace
import PollTraceReport

/// What rows for a fleet's tables say of the host beside what the trace knows.
struct LabelArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What the host is, in every row of a CSV (class=web). May be given more than once.",
      valueName: "key=value"))
  var label: [String] = []

  /// - Throws: `ValidationError` where one is not a label.
  func labels() throws -> HostLabels {
    var labels = HostLabels()
    for text in label where !labels.add(text) {
      throw ValidationError(
        "--label \(Untrusted(text).terminal): not a new KEY=VALUE; keys are of a-z, 0-9 and _, values of "
          + "letters, digits and ._:/@+-")
    }
    return labels
  }
}
