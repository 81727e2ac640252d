import Fixtures
import PollTrace
import PollTraceFile
import Synchronization

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

  static func vcpus(of name: String, threads: Int) throws -> [RecordedVCPU] {
    let trace = try AnalysedTrace(
      path: Fixtures.trace("\(name).dat"), AnalysisOptions(), threads: threads)
    return RecordedVCPU.all(trace.report, trace.scope, trace.logs(budget: 1_000_000))
  }
}

extension PollOutcome {
  var hitRate: Double { Double(successful) / Double(max(1, halts)) }
}

extension RecordedVCPU {
  /// The same with other figures.
  func with(_ figures: Figures, weight: Double? = nil) -> RecordedVCPU {
    RecordedVCPU(
      identity: identity, host: host, figures: figures, parameters: parameters, rules: rules,
      hasOwnCeiling: hasOwnCeiling, logged: logged, weight: weight ?? self.weight, replay: replay)
  }

  /// The same as if it had obeyed other parameters.
  func with(_ parameters: PollParameters) -> RecordedVCPU {
    RecordedVCPU(
      identity: identity, host: host, figures: figures, parameters: parameters, rules: rules,
      hasOwnCeiling: hasOwnCeiling, logged: logged, weight: weight, replay: replay)
  }
}
