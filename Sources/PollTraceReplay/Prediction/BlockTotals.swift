/// Outcomes by block of time, all vCPUs of a trace together: what sums vary by.
///
/// vCPUs share bursts of load, so their blocks are not independent; blocks of time are taken to be,
/// and traces are (clusters and strata of Cochran, Sampling Techniques, 3rd ed., Wiley 1977).
struct BlockTotals {
  private var traces: [Int: [PollOutcome]] = [:]

  init(_ vcpus: [VCPUPrediction]) {
    for vcpu in vcpus {
      traces[vcpu.trace] = traces[vcpu.trace].map { zip($0, vcpu.blocks).map(+) } ?? vcpu.blocks
    }
  }

  /// How many standard errors a second recording may differ by: 1.96 · √2, as it is as random, and 2.3 times that, as
  /// a machine drifts more from one recording to the next than within one (measured: docs/method.md).
  static let secondRecording = 2.3 * 2.8

  /// The difference from `other`, block by block.
  static func - (left: BlockTotals, right: BlockTotals) -> BlockTotals {
    var rest = left
    for (trace, blocks) in right.traces {
      rest.traces[trace] = rest.traces[trace].map { zip($0, blocks).map(-) }
    }
    return rest
  }

  /// The standard error of the sum of `value` over all blocks: n/(n-1) Σ (y - ȳ)², summed over traces.
  func error(_ value: (PollOutcome) -> Double) -> Double {
    Self.error(traces.sorted { $0.key < $1.key }.map { $0.value.map(value) })
  }

  /// The same of the values themselves, by trace and block.
  static func error(_ traces: [[Double]]) -> Double {
    traces.reduce(0.0) { sum, values in
      guard values.count > 1 else { return sum }
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return sum + squares * count / (count - 1)
    }.squareRoot()
  }

  /// The standard error of the ratio of two sums: that of the residuals y - R x, over the sum of x
  /// (Cochran, §6.4, over strata §6.11).
  func error(ofRatio parts: (PollOutcome) -> (Double, Double)) -> Double {
    let sums = traces.values.joined().map(parts).reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
    guard sums.1 > 0 else { return 0 }
    let ratio = sums.0 / sums.1
    return error { outcome in
      let (above, below) = parts(outcome)
      return above - ratio * below
    } / sums.1
  }
}
