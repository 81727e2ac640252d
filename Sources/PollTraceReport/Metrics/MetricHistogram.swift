internal import PollTrace

extension MetricFamily {
  /// A histogram of KVM's counts of lengths, with the sum of the lengths in ns.
  ///
  /// KVM's bucket i holds lengths below 2^i ns (linux include/linux/kvm_host.h,
  /// kvm_stats_log_hist_update()), so those are the upper bounds, in seconds. What is shorter than 1 µs
  /// goes into the first bucket shown.
  static func histogram(
    _ name: String, _ help: String, _ lengths: LogHistogram?, sum: UInt64?
  ) -> MetricFamily {
    var family = MetricFamily(name: name, kind: .histogram, unit: .seconds, help: help)
    guard let lengths, let sum else { return family }
    var count: UInt64 = 0
    for (bucket, value) in lengths.counts.enumerated() {
      count = count.plus(value)
      guard bucket >= firstShown, let end = LogHistogram.bounds(of: bucket).to else { continue }
      family.samples.append(
        Sample(
          suffix: "_bucket", labels: [("le", Untrusted(bound(end)))], value: .count(count)))
    }
    family.samples += [
      Sample(suffix: "_bucket", labels: [("le", "+Inf")], value: .count(count)),
      Sample(suffix: "_count", value: .count(count)), Sample(suffix: "_sum", value: .time(sum)),
    ]
    return family
  }

  /// Its first bound is 2^10 ns.
  private static let firstShown = 10

  /// `time` ns in seconds, in the form that OpenMetrics asks of bounds, which are compared as text: the
  /// shortest, with an exponent below 0.0001 (Go's %g).
  static func bound(_ time: UInt64) -> String {
    guard time < 100_000 else { return MetricValue.time(time).text }
    let digits = "\(time)"
    let exponent = 9 - (digits.count - 1)
    let rest = digits.dropFirst().reversed().drop { $0 == "0" }.reversed()
    let mantissa = String(digits.prefix(1)) + (rest.isEmpty ? "" : "." + String(rest))
    return "\(mantissa)e-\(exponent < 10 ? "0" : "")\(exponent)"
  }
}
