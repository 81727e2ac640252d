internal import PollTrace

/// One vCPU in the report's JSON: who it is, then the same keys as the total.
struct VCPUBody: Encodable {
  struct VM: Encodable {
    @OrNull var pid: Int32?
    @OrNull var name: String?
  }
  struct Ceiling: Encodable, Hashable {
    var value: UInt32
    var source: String

    init(_ report: VCPUReport) {
      value = report.ceiling
      source = report.ceilingSource.rawValue
    }
  }

  var trace: Int
  var vm: VM
  var vcpu: UInt32?
  var tid: Int32
  var identity: String
  var ceiling_ns: Ceiling
  var figures: FiguresBody

  init(_ report: VCPUReport, trace: Int) {
    self.trace = trace
    vm = VM(pid: report.identity.process?.rawValue, name: report.identity.vm)
    vcpu = report.identity.vcpu
    tid = report.identity.thread.rawValue
    identity = report.identity.source.rawValue
    ceiling_ns = Ceiling(report)
    figures = FiguresBody(report.figures)
  }

  private enum Keys: String, CodingKey { case trace, vm, vcpu, tid, identity, ceiling_ns }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(trace, forKey: .trace)
    try container.encode(vm, forKey: .vm)
    try container.encode(vcpu, forKey: .vcpu)
    try container.encode(tid, forKey: .tid)
    try container.encode(identity, forKey: .identity)
    try container.encode(ceiling_ns, forKey: .ceiling_ns)
    try figures.encode(to: encoder)
  }
}

/// One vCPU over several traces: who it is, then the same keys.
struct VCPUTotalBody: Encodable {
  private enum Keys: String, CodingKey { case traces, host, boot, vm, vcpu, tid }
  private var total: VCPUTotal

  init(_ total: VCPUTotal) { self.total = total }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(total.traces, forKey: .traces)
    try container.encode(total.host, forKey: .host)
    try container.encode(total.boot, forKey: .boot)
    try container.encode(
      VCPUBody.VM(pid: total.identity.process?.rawValue, name: total.identity.vm), forKey: .vm)
    try container.encode(total.identity.vcpu, forKey: .vcpu)
    try container.encode(total.identity.thread.rawValue, forKey: .tid)
    try FiguresBody(total.figures).encode(to: encoder)
  }
}

/// All vCPUs together: the ceiling that all of them have, null where they differ, and the same keys.
struct TotalBody: Encodable {
  private enum Keys: String, CodingKey { case ceiling_ns }
  private var ceiling: VCPUBody.Ceiling?
  private var figures: FiguresBody

  init(_ report: Report) {
    let ceilings = Set(report.traces.flatMap { $0.vcpus.map(VCPUBody.Ceiling.init) })
    ceiling = ceilings.count == 1 ? ceilings.first : nil
    figures = FiguresBody(report.total)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(ceiling, forKey: .ceiling_ns)
    try figures.encode(to: encoder)
  }
}

/// The figures of a vCPU or of all together.
struct FiguresBody: Encodable {
  @OrNull var duration_ns: UInt64?
  var halts: UInt64
  var polled: UInt64
  var waited: UInt64
  var invalid: UInt64
  var grows: UInt64
  var shrinks: UInt64
  var block_ns: HistogramBody
  var wake_latency_ns: HistogramBody
  var window_ns: WindowBody
  var kernel_counters: CountersBody
  var abandoned_polls: AbandonedBody
  var decisions: DecisionsBody
  var wakers: WakersBody
  var gaps: UInt64

  init(_ figures: Figures) {
    let measures = figures.measures
    duration_ns = figures.time?.rawValue
    halts = measures.halts
    polled = measures.polled
    waited = measures.slept
    invalid = measures.invalid
    grows = measures.grows
    shrinks = measures.shrinks
    block_ns = HistogramBody(measures.block)
    wake_latency_ns = HistogramBody(measures.wakeLatency)
    window_ns = WindowBody(figures.windows)
    kernel_counters = CountersBody(figures)
    abandoned_polls = AbandonedBody(
      count: figures.account.abandoned.count, polled_ns_p50: figures.account.abandoned.median)
    decisions = DecisionsBody(figures.fidelity)
    wakers = WakersBody(
      interrupt: measures.wokenByInterrupt, task_same_cpu: measures.wokenOnSameCPU,
      task_elsewhere: measures.wokenFromElsewhere)
    gaps = figures.gaps
  }
}

/// A histogram with its usual summary; null where there is nothing to summarise.
struct HistogramBody: Encodable {
  struct Bucket: Encodable {
    var ge: UInt64
    var lt: UInt64
    var count: UInt64
  }
  var count: UInt64
  var sum: UInt64
  @OrNull var min: UInt64?
  @OrNull var max: UInt64?
  @OrNull var mean: Double?
  @OrNull var p50: UInt64?
  @OrNull var p90: UInt64?
  @OrNull var p99: UInt64?
  @OrNull var p999: UInt64?
  var histogram: [Bucket]

  init(_ histogram: Histogram) {
    count = histogram.count
    sum = histogram.sum
    min = histogram.count > 0 ? histogram.least : nil
    max = histogram.count > 0 ? histogram.most : nil
    mean = histogram.mean
    p50 = histogram.quantile(0.5)
    p90 = histogram.quantile(0.9)
    p99 = histogram.quantile(0.99)
    p999 = histogram.quantile(0.999)
    self.histogram = histogram.buckets(perOctave: 4).filter { $0.count > 0 }
      .map { Bucket(ge: $0.from, lt: $0.to, count: $0.count) }
  }
}

struct WindowBody: Encodable {
  struct Share: Encodable {
    var window_ns: UInt32
    var share: Double
  }
  @OrNull var last: UInt32?
  @OrNull var mean_by_halt: Double?
  @OrNull var max: UInt32?
  var time_at: [Share]

  init(_ windows: WindowShares) {
    last = windows.now?.window
    mean_by_halt = windows.meanByHalt
    max = windows.halts > 0 ? windows.widest : nil
    let all = windows.knownTime
    time_at =
      all == 0
      ? []
      : windows.times.map {
        Share(window_ns: $0.window, share: Double($0.time) / Double(all))
      }
  }
}

/// KVM's own per-vCPU statistics under their names in the binary statistics.
struct CountersBody: Encodable {
  var halt_attempted_poll: UInt64
  var halt_successful_poll: UInt64
  var halt_poll_invalid: UInt64
  var halt_poll_success_ns: UInt64
  var halt_poll_fail_ns: UInt64
  var halt_wait_ns: UInt64
  var halt_poll_success_hist: [UInt64]
  var halt_poll_fail_hist: [UInt64]
  var halt_wait_hist: [UInt64]
  /// Halts that these counters leave out, because their window is not known.
  var halts_left_out: UInt64

  init(_ figures: Figures) {
    let counters = figures.kernelCounters
    halt_attempted_poll = counters.attemptedPolls
    halt_successful_poll = counters.successfulPolls
    halt_poll_invalid = counters.invalidPolls
    halt_poll_success_ns = counters.successfulPollTime.rawValue
    halt_poll_fail_ns = counters.failedPollTime.rawValue
    halt_wait_ns = counters.waitTime.rawValue
    halt_poll_success_hist = counters.successfulPollHistogram.counts
    halt_poll_fail_hist = counters.failedPollHistogram.counts
    halt_wait_hist = counters.waitHistogram.counts
    halts_left_out = figures.unknownWindows
  }
}

struct AbandonedBody: Encodable {
  var count: UInt64
  @OrNull var polled_ns_p50: UInt64?
}

struct DecisionsBody: Encodable {
  var recorded: UInt64
  var reproduced: UInt64
  var contradicted: UInt64
  var unknown: UInt64
  var refused: UInt64

  init(_ fidelity: Fidelity) {
    recorded = fidelity.recorded
    reproduced = fidelity.reproduced
    contradicted = fidelity.contradicted
    unknown = fidelity.unknown
    refused = fidelity.refused
  }
}

struct WakersBody: Encodable {
  var interrupt: UInt64
  var task_same_cpu: UInt64
  var task_elsewhere: UInt64
}
