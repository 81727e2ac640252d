internal import PollTrace
internal import PollTraceReplay

/// The setting of least CPU and that of least latency beside the current one: which end is wanted is
/// for the user to say.
struct BothEnds {
  private let value: Recommendation
  private let style: Bars.Style

  init(_ value: Recommendation, _ style: Bars.Style) {
    self.value = value
    self.style = style
  }

  var lines: [String] {
    guard let off = value.choices.first(where: { $0.name == .off }), let far = value.leastLatency
    else { return [] }
    let ends =
      far.parameters?.ceiling == 0
      ? [("least of both", off), ("now", value.current)]
      : [("least CPU", off), ("now", value.current), ("least latency", far)]
    let rows = ends.map { name, choice in
      [
        "\(name): \((choice.parameters?.ceiling).shown { "\($0)" })",
        text(
          choice, choice.shown.pollShare(of: value.time), choice.prediction?.pollShare.range,
          Numbers.percent),
        text(
          choice, choice.shown.meanLatency,
          choice.prediction.map { prediction in
            let halts = Double(max(1, prediction.outcome.halts))
            let range = prediction.latency.range
            return range.lowerBound / halts...range.upperBound / halts
          }, Numbers.time),
      ]
    }
    let table = Table(["halt_poll_ns", "polling per vCPU", "mean wake-up"], rows)
    var lines = table.lines(width: style.width)
    if ends.count == 3, let now = value.current.parameters, let then = far.parameters,
      then.differences(from: now).count > 1
    {
      let list = then.differences(from: now).map { "\($0.name)=\($0.to)" }.joined(separator: ",")
      lines += Paragraph.lines("  ", "least latency: \(list)", indent: 4, width: style.width)
    }
    return lines
  }

  private func text(
    _ choice: Choice, _ value: Double, _ range: ClosedRange<Double>?, _ write: (Double) -> String
  ) -> String {
    if choice.recorded != nil { return "\(write(value)) measured" }
    guard let range else { return write(value) }
    let (low, high) = (write(range.lowerBound), write(range.upperBound))
    return low == high ? write(value) : "\(write(value)) (\(low) – \(high))"
  }
}
