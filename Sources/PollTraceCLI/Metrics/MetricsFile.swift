import PollTrace
import PollTraceCapture
import PollTraceReport
import PollTraceStatistics

/// A file for node_exporter's textfile collector.
struct MetricsFile {
  private let path: OSString
  private let source: MetricsSource

  init(_ path: OSString, isPerVCPU: Bool) {
    self.path = path
    source = MetricsSource(isPerVCPU: isPerVCPU)
    if !path.bytes.elementsEqual("-".utf8),
      !path.bytes.reversed().starts(with: ".prom".utf8.reversed())
    {
      StandardError.say(
        "polltrace: \(path.shown): node_exporter reads only files whose names end with .prom")
    }
  }

  /// Writes it once; each `pause` until a signal ends the process, where there is one.
  func run(every pause: Nanoseconds?, _ plan: TracePlan?) throws {
    guard let pause else {
      try write(source.metrics(isSingle: true))
      return try source.close()
    }
    let events = try ServiceEvents()
    let tracing = plan.map { Tracing($0) }
    var next = Machine.now
    repeat {
      tracing?.step(source.running)
      if Machine.now >= next {
        try write(source.metrics(trace: tracing?.metrics))
        next = max(next + pause, Machine.now)
      }
      let length = min(next - Machine.now, tracing?.pause ?? pause)
      _ = source.statistics.wait(for: length, or: .input(events.descriptor))
    } while !events.isEnded()
    tracing?.stop()
  }

  private func write(_ metrics: HostMetrics) throws {
    try Output.write(metrics.text(.text), path: path, forAll: true)
  }
}
