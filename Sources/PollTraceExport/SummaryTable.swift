package import PollTrace
package import PollTraceReport

/// A trace's halts summed up for a fleet's tables, as CSV: a row a vCPU and interval, and a row a vCPU,
/// interval and bucket of how long halts lasted and how long wake-ups took.
///
/// The columns are described in docs/fleet.md. There are no shares and no percentiles: what is there adds up.
package struct SummaryTable {
  /// Why there can be no summary.
  package enum Refusal: Error {
    /// The clock does not count time.
    case noTime
    /// Intervals were asked for of a trace with times in which nothing was recorded.
    case pauses
    /// More intervals were asked for than anybody wants.
    case tooMany
  }

  /// Buckets an octave: bounds that are the same in every file, so that buckets add up.
  static let perOctave = 4

  /// The names of the columns, in order.
  package static let columns =
    FleetKeys.host + [
      "vm_uuid", "vm_pid", "vm_name", "vcpu", "tid", "row", "begin_utc", "end_utc", "recorded_ns",
    ] + FleetKeys.coverage + ["file_rows", "own_ceiling_ns"] + PollParameters.names + [
      "vcpu_time_ns", "halts", "polled", "waited", "grows", "shrinks", "block_sum_ns",
      "wake_latency_count", "wake_latency_sum_ns", "halt_attempted_poll", "halt_successful_poll",
      "halt_poll_success_ns", "halt_poll_fail_ns", "halt_wait_ns", "halts_left_out", "gaps",
      "ge_ns",
      "lt_ns", "count",
    ]
  package static var header: [UInt8] { Array((columns.joined(separator: ",") + "\n").utf8) }
  /// How many columns stand behind the parameters, and how many of those are of buckets.
  private static let (sums, bucket) = (16, 3)

  private let report: TraceReport
  private let axis: SummaryAxis
  /// By interval, and in it by vCPU of the report.
  private var figures: [IntervalFigures]

  /// A summary of `report`'s halts in intervals of `length`, or of all its time.
  ///
  /// - Throws: `Refusal`.
  package init(_ report: TraceReport, every length: Nanoseconds?) throws(Refusal) {
    axis = try SummaryAxis(report, every: length)
    let (count, isTooMuch) = axis.intervals.count.multipliedReportingOverflow(
      by: report.vcpus.count)
    guard !isTooMuch, count <= 500_000 else { throw .tooMany }
    figures = Array(repeating: IntervalFigures(), count: count)
    self.report = report
  }

  /// Counts `halts`.
  package mutating func take(_ halts: [ReportedHalt]) {
    for halt in halts where report.vcpus.indices.contains(halt.vcpu) {
      let interval = axis.place(of: halt.halt.halt.woke)
      figures[interval * report.vcpus.count + halt.vcpu].add(halt.halt)
    }
  }

  /// The halts that were counted.
  package var halts: UInt64 { figures.reduce(0) { $0.plus($1.measures.halts) } }

  /// How many rows there are.
  package var rowCount: Int {
    figures.reduce(0) { $0 + 1 + Self.buckets(of: $1).reduce(0) { $0 + $1.buckets.count } }
  }

  /// All rows, of a file of `total` rows.
  package func rows(_ labels: HostLabels, of total: Int) -> [UInt8] {
    var text = ByteText()
    let host = FleetKeys.host(report, labels)
    let coverage = FleetKeys.coverage([report]) + ["\(total)"]
    for (number, interval) in axis.intervals.enumerated() {
      let length = self.length(of: interval)
      let time = [interval.lowerBound, interval.upperBound].map {
        report.utc(of: $0)?.iso8601 ?? ""
      }
      for (place, vcpu) in report.vcpus.enumerated() {
        let identity = vcpu.identity
        let key =
          host + [
            FleetKeys.uuid(of: identity.process, in: report),
            identity.process.map { "\($0.rawValue)" } ?? "", identity.vm?.csv ?? "",
            identity.vcpu.map { "\($0)" } ?? "",
            identity.thread.isKnown ? "\(identity.thread.rawValue)" : "",
          ]
        let own = vcpu.ceilingSource == .inferred ? "\(vcpu.ceiling)" : ""
        let parameters = report.settings.parameters(at: interval.lowerBound).values
        let ending =
          time + ["\(length.rawValue)"] + coverage + [own] + parameters.map { "\($0)" }
        let (before, behind) = (key.joined(separator: ","), ending.joined(separator: ","))
        let figures = figures[number * report.vcpus.count + place]
        text.append("\(before),interval,\(behind),\(length.rawValue)")
        for value in Self.values(of: figures, vcpu) { text.append(value.map { ",\($0)" } ?? ",") }
        text.append(String(repeating: ",", count: Self.bucket) + "\n")
        for kind in Self.buckets(of: figures) {
          for bucket in kind.buckets {
            text.append("\(before),\(kind.row),\(behind)")
            text.append(String(repeating: ",", count: Self.sums))
            text.append(",\(bucket.from),\(bucket.to),\(bucket.count)\n")
          }
        }
      }
    }
    return text.bytes
  }

  /// The recorded time of an interval; of the whole trace less its pauses.
  private func length(of interval: ClosedRange<Timestamp>) -> Nanoseconds {
    axis.intervals.count == 1
      ? report.duration ?? .zero : interval.upperBound - interval.lowerBound
  }

  /// The sums in the order of the columns; nil where the trace does not have what tells them.
  private static func values(of figures: IntervalFigures, _ vcpu: VCPUReport) -> [UInt64?] {
    let measures = figures.measures
    let counters = figures.account.kernelCounters
    let isDecided = vcpu.figures.decisionsAreRecorded
    let ofPolls: [UInt64?] = [
      counters.attemptedPolls, counters.successfulPolls, counters.successfulPollTime.rawValue,
      counters.failedPollTime.rawValue, counters.waitTime.rawValue, figures.unknownWindows,
    ]
    return [
      measures.halts, measures.polled, measures.slept, measures.grows, measures.shrinks,
      measures.block.sum, measures.wakeLatency.count, measures.wakeLatency.sum,
    ] + (isDecided ? ofPolls : ofPolls.map { _ in nil }) + [figures.gaps]
  }

  /// The buckets that hold something.
  private static func buckets(
    of figures: IntervalFigures
  ) -> [(row: String, buckets: [Histogram.Bucket])] {
    [("block", figures.measures.block), ("wake_latency", figures.measures.wakeLatency)].map {
      row, histogram in
      (row, histogram.buckets(perOctave: perOctave).filter { $0.count > 0 })
    }
  }
}
