import ArgumentParser
import PollTrace
import PollTraceCapture
import PollTraceReport
import PollTraceStatistics

/// Looks at the host for metrics.
final class MetricsSource {
  let statistics = KVMStatistics()
  private let isPerVCPU: Bool
  private let kernel = Untrusted(Machine.name.release)
  private var totals = CounterTotals()
  private var identities: [Int: VMIdentity] = [:]
  private var duration: Nanoseconds = .zero

  init(isPerVCPU: Bool) { self.isPerVCPU = isPerVCPU }

  /// Takes a sample, so that what a VM counts in a short life is counted.
  func look() {
    let begin = Machine.now
    totals.take(statistics.sample())
    duration = Machine.now - begin
  }

  /// The metrics now.
  ///
  /// Of a single look there are none that only a process that goes on can have: a host's sums, which would
  /// fall with each VM that ends, and what polltrace itself took.
  func metrics(isSingle: Bool = false, trace: TraceMetrics? = nil) -> HostMetrics {
    look()
    var metrics = HostMetrics(
      version: Version.number, commit: BuiltCommit.text, kernel: kernel, vms: totals.vms,
      parameters: ModuleParameters.read(), duration: duration)
    metrics.isPerVCPU = isPerVCPU
    metrics.configured = .onThisHost
    metrics.identities = self.identities(of: metrics.vms.map(\.vm))
    if !isSingle {
      metrics.process = .init(cpuTime: OwnTime.cpu + OwnTime.children, host: totals.host)
    }
    metrics.trace = trace
    return metrics
  }

  /// Processes that run VMs now.
  var running: Set<ProcessID> {
    Set(totals.vms.filter { $0.ended == nil }.map(\.vm.process))
  }

  /// Throws the exit code where the last look lacked something.
  func close() throws {
    let lacking = totals.vms.compactMap { vm in vm.vm.lack.map { (vm.label.terminal, $0) } }
    for (name, lack) in lacking {
      StandardError.say("polltrace: \(name): \(lack.explanation) (\(lack.remedy))")
    }
    if !lacking.isEmpty { throw ExitCode(2) }
  }

  private func identities(of vms: [CountedVM]) -> [Int: VMIdentity] {
    let known = identities
    identities = Dictionary(
      uniqueKeysWithValues: vms.map { vm in
        (vm.number, known[vm.number] ?? VMIdentity(of: vm.process))
      })
    return identities
  }
}
