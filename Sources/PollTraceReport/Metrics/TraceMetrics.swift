package import PollTrace
package import PollTraceReplay

/// What recordings that are made now and then have shown since polltrace was started.
package struct TraceMetrics: Sendable {
  /// How often a VM's windows grew and shrank in the recordings, and their mean in the last one, in ns.
  private struct Windows {
    var grows: UInt64 = 0
    var shrinks: UInt64 = 0
    var mean: Double?
  }

  private var recordings: UInt64 = 0
  private var failures: UInt64 = 0
  /// The time that was recorded.
  private var time: Nanoseconds = .zero
  /// By CPU; from the first recording on, so that the first loss is seen as one.
  private var lost: [CPU: UInt64] = [:]
  private var lostSomewhere: UInt64 = 0
  private var windows: [ProcessID: Windows] = [:]
  private var advice: (recommendation: Recommendation?, time: UInt64)?

  package init() {}

  /// Takes what came of a recording.
  ///
  /// `now` is in s since 1970; only VMs of `running` are kept.
  package mutating func take(
    _ report: Report, _ recommendation: Recommendation?, now: UInt64, running: Set<ProcessID>
  ) {
    recordings += 1
    for trace in report.traces {
      time += trace.duration ?? .zero
      for cpu in 0..<max(0, min(trace.trace.cpus ?? 0, 1 << 16)) {
        lost[CPU(UInt32(cpu)), default: 0] += 0
      }
      for (cpu, count) in trace.tally.lost { lost[cpu] = (lost[cpu] ?? 0).plus(count) }
      lostSomewhere = lostSomewhere.plus(trace.tally.lostOnAnyCPU)
        .plus(trace.tally.uncountedLosses)
    }
    for process in windows.keys { windows[process]?.mean = nil }
    let vcpus = report.vcpus.filter { $0.identity.process != nil }
    for vm in Dictionary(grouping: vcpus, by: { $0.identity.process ?? ProcessID(0) }) {
      let figures = Figures(totalOf: vm.value.map(\.figures))
      var shown = windows[vm.key] ?? Windows()
      shown.grows = shown.grows.plus(figures.measures.grows)
      shown.shrinks = shown.shrinks.plus(figures.measures.shrinks)
      let halts = figures.windows.halts
      shown.mean = halts > 0 ? Double(figures.windows.sum) / Double(halts) : nil
      windows[vm.key] = shown
    }
    windows = windows.filter { running.contains($0.key) }
    advice = (recommendation, now)
  }

  /// A recording could not be made, or not be read.
  package mutating func fail() { failures += 1 }

  /// The metrics; of VMs that `labels` name.
  func families(_ labels: [ProcessID: Untrusted]) -> [MetricFamily] {
    counts + vmFamilies(labels) + (advice.map { Self.families($0.recommendation, $0.time) } ?? [])
  }

  private var counts: [MetricFamily] {
    var losses = lost.sorted { $0.key.rawValue < $1.key.rawValue }.map { cpu, count in
      MetricFamily.Sample(labels: [("cpu", "\(cpu.rawValue)")], value: .count(count))
    }
    losses.append(.init(labels: [("cpu", "unknown")], value: .count(lostSomewhere)))
    return [
      .one(
        "polltrace_trace_recordings", .counter, "Recordings that were made and read.",
        .count(recordings)),
      .one(
        "polltrace_trace_failures", .counter,
        "Recordings that could not be made, or not be read.", .count(failures)),
      .one(
        "polltrace_trace_seconds", .counter, unit: .seconds, "Time that was recorded.",
        .time(time.rawValue)),
      MetricFamily(
        name: "polltrace_lost_events", kind: .counter,
        help: "Events that recordings lost, by the CPU that they came from.", samples: losses),
    ]
  }

  private func vmFamilies(_ labels: [ProcessID: Untrusted]) -> [MetricFamily] {
    func family(
      _ name: String, _ kind: MetricFamily.Kind, _ unit: MetricFamily.Unit, _ help: String,
      _ value: (Windows) -> MetricValue?
    ) -> MetricFamily {
      let samples = windows.compactMap { process, windows -> MetricFamily.Sample? in
        guard let label = labels[process], let value = value(windows) else { return nil }
        return .init(labels: [("vm", label)], value: value)
      }
      return MetricFamily(
        name: name, kind: kind, unit: unit, help: help,
        samples: samples.sorted { $0.labels[0].value.label < $1.labels[0].value.label })
    }
    return [
      family(
        "polltrace_vm_window_grows", .counter, .none,
        "How often a poll window of the VM grew, in recorded time."
      ) { .count($0.grows) },
      family(
        "polltrace_vm_window_shrinks", .counter, .none,
        "How often a poll window of the VM shrank, in recorded time."
      ) { .count($0.shrinks) },
      family(
        "polltrace_vm_window_seconds", .gauge, .seconds,
        "The mean poll window over halts of the VM in the last recording."
      ) { $0.mean.map { .real($0 / 1e9) } },
    ]
  }
}
