import Fixtures
import Foundation
import PollTraceAnalysis
import Synchronization

@testable import PollTrace
@testable import PollTraceReplay

/// A fixture read for replay.
enum Recording {
  private static let read = Mutex([String: [RecordedVCPU]]())

  /// The vCPUs of a fixture, read once.
  static func vcpus(of name: String) throws -> [RecordedVCPU] {
    if let vcpus = read.withLock({ $0[name] }) { return vcpus }
    let vcpus = try vcpus(of: name, threads: 2)
    read.withLock { $0[name] = vcpus }
    return vcpus
  }

  /// The same as if the module parameter had set the VM's own ceiling.
  static func reached(of name: String) throws -> [RecordedVCPU] {
    try vcpus(of: name).map { $0.with($0.parameters) }
  }

  static func vcpus(of name: String, threads: Int) throws -> [RecordedVCPU] {
    var request = TraceAnalysis.Request()
    request.logged = 1_000_000
    return try TraceAnalysis(
      path: Fixtures.trace("\(name).dat"), AnalysisOptions(), request, threads: threads
    ).recorded().vcpus()
  }
}

extension RecordedVCPU {
  /// The same with other figures, settings, place or time.
  func with(
    _ figures: Figures? = nil, settings: PollSettings? = nil, host: Untrusted? = nil,
    span: RecordingSpan? = nil, weight: Double? = nil
  ) -> RecordedVCPU {
    RecordedVCPU(
      identity: identity, host: host ?? self.host, span: span ?? self.span,
      settings: settings ?? self.settings, figures: figures ?? self.figures, logged: logged,
      latencies: latencies, weight: weight ?? self.weight, replay: replay)
  }

  /// The same as if it had obeyed other parameters.
  func with(_ parameters: PollParameters) -> RecordedVCPU {
    with(settings: PollSettings(rules: settings.rules, parameters: parameters))
  }
}

/// A vCPU whose halts are made up: what KVM would have done at wake events from a seed.
struct InventedVCPU {
  var settings = PollSettings(
    rules: .newest,
    parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2))
  var thread: Int32 = 1
  var vm = "vm"
  var host = "host"
  var span = RecordingSpan(begin: Timestamp(0), end: Timestamp(4_000_000_000))
  var seed: UInt64 = 1
  /// The mean time between wake events, in ns, by share of the span.
  var gap: (Double) -> Double = { _ in 150_000 }
  /// Whether the windows are known.
  var showsWindows = true

  /// A slept halt wakes 30 µs late; then the guest runs for 20 µs.
  func recorded() -> RecordedVCPU {
    var random = SplitMix64(seed: seed)
    var (log, figures, window) = (HaltLog(), Figures(), PollWindow())
    var (began, event) = (span.begin.rawValue, span.begin.rawValue)
    while true {
      let share = Double(event - span.begin.rawValue) / Double((span.end - span.begin).rawValue)
      event += UInt64(-gap(share) * log1p(-random.uniform())) + 1
      if event <= began { continue }
      guard event + 30_000 < span.end.rawValue else { break }
      let parameters = settings.parameters(at: Timestamp(began))
      window.enter(ceiling: parameters.ceiling, rules: settings.rules)
      let length = window.length
      let isPolled = event - began <= UInt64(length)
      let woke = event + (isPolled ? 300 : 30_000)
      let block = woke - began
      let halt = Halt(
        woke: Timestamp(woke), block: Nanoseconds(block), ending: isPolled ? .polled : .slept,
        wakeLatency: isPolled ? nil : 30_000,
        poll: isPolled ? .unmeasured : .measured(Nanoseconds(UInt64(length) + 1_500)),
        waker: isPolled ? .unknown : .interrupt, successor: isPolled ? nil : .idle)
      _ = window.leave(after: block, parameters: parameters, rules: settings.rules)
      let effective = EffectiveParameters(rules: settings.rules, parameters: parameters)
      let windowed =
        showsWindows
        ? WindowedHalt(halt, window: length, left: length, effective: effective)
        : WindowedHalt(halt, unknown: .undecided, effective: effective)
      log.add(windowed)
      figures.measures.add(windowed)
      began = woke + 20_000
    }
    figures.time = span.end - span.begin
    return RecordedVCPU(
      identity: VCPUIdentity(
        process: ProcessID(thread), vm: Untrusted(vm), vcpu: 0, thread: ThreadID(thread),
        source: .trace),
      host: Untrusted(host), span: span, settings: settings, figures: figures, log: log)
  }
}

extension RecordingSpan {
  /// The time until `end`, in ns, as trace `number`.
  init(number: Int = 0, until end: UInt64) {
    self.init(number: number, begin: Timestamp(0), end: Timestamp(end))
  }
}
