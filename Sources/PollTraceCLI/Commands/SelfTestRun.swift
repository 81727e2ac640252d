import PollTrace
import PollTraceAnalysis
import PollTraceCapture
import PollTraceStatistics

/// The self-test as it is run: loads are recorded one after the other, and their traces compared with
/// what KVM counted.
struct SelfTestRun {
  /// What stands in the way.
  struct Failure: Error, CustomStringConvertible { var description: String }

  /// A load again where a busy machine spoilt what was measured.
  private static let attempts = 3

  private let haltload: String
  private let kernel = Machine.name.release

  /// - Throws: `Failure` where something that the test needs is missing.
  init() throws {
    guard let haltload = Self.haltload else {
      throw Failure(
        description:
          "haltload, the load of the self-test, is neither beside polltrace nor in PATH\n"
          + "  Build it (make release), or install polltrace as a whole.")
    }
    guard Paths.isUsable("/dev/kvm") else {
      throw Failure(
        description: Paths.exists("/dev/kvm")
          ? "/dev/kvm: this user may not run VMs\n  Run the self-test as root."
          : "/dev/kvm is not there: the self-test runs a small VM\n"
            + "  Load KVM's module (polltrace check says which), and allow virtualization in the"
            + " firmware or in the host of this VM.")
    }
    self.haltload = haltload
  }

  /// Runs all loads, some seconds each.
  func run() throws -> SelfTest {
    var outcomes: [SelfTest.Outcome] = []
    for load in Self.loads(kernel) {
      var attempt = 1
      while true {
        let outcome = try run(load)
        if outcome.isWorthRepeating, attempt < Self.attempts {
          attempt += 1
          continue
        }
        outcomes.append(outcome)
        break
      }
    }
    return SelfTest(kernel: Untrusted(kernel), outcomes: outcomes)
  }

  /// Loads that open, grow, shrink and close windows: under the host's parameters, and under limits of
  /// the VM's own where the kernel knows these (from 5.8), so that a host that does not poll is tested too.
  private static func loads(_ kernel: String) -> [SelfTest.Load] {
    let own = SelfTest.Load(
      title: "2 vCPUs, exponential gaps",
      options: ["--vcpus", "2", "--distribution", "exponential"])
    guard PollRules.of(release: kernel)?.ceiling != .parameter else { return [own] }
    return [
      own,
      SelfTest.Load(
        title: "1 vCPU, two lengths, limit 50 us",
        options: ["--distribution", "bimodal", "--ceiling", "50us"], limit: 50_000),
      SelfTest.Load(
        title: "2 vCPUs, bursts, limit 1 ms",
        options: ["--vcpus", "2", "--distribution", "bursty", "--ceiling", "1ms"],
        limit: 1_000_000),
    ]
  }

  /// Records one load and compares.
  private func run(_ load: SelfTest.Load) throws -> SelfTest.Outcome {
    let scratch = try Self.scratch()
    defer { scratch.remove() }
    let (trace, stats) = (scratch.path + "/trace.dat", scratch.path + "/stats.json")
    var plan = RecordingPlan(output: trace)
    plan.bufferSize = 16 << 20
    plan.recorder = Version.name
    plan.command =
      ([haltload] + load.options + ["--duration", "1s", "--pin", "--quiet", "--stats"])
      .map { OSString($0) } + [stats]
    let summary = try Recorder.record(plan, note: { _ in }, progress: { _ in })
    try Self.check(summary)
    let counted = try Self.statistics(stats)
    let read = try AnalysedTraces([trace], AnalysisOptions())
    guard let report = read.report.traces.first else {
      throw Failure(description: "the trace of the load holds nothing\n  Try again.")
    }
    return SelfTest.Outcome(load, counted, report, lost: max(summary.lost, report.lostEvents))
  }

  private static func scratch() throws -> TemporaryFolder {
    do throws(SystemError) { return try TemporaryFolder() } catch {
      throw Failure(
        description: "no folder for the recording can be made: \(error.text)\n"
          + "  Name one with room for some MB: TMPDIR=/tmp")
    }
  }

  private static func check(_ summary: RecordingSummary) throws {
    switch summary.end {
    case .command(0): return
    case .command(let status):
      let shown = status.map { " with exit status \($0)" } ?? ""
      throw Failure(
        description: "haltload ended\(shown), so nothing was compared\n"
          + "  What it says of that stands above.")
    case .failure(let error): throw error
    case .signal(let name): throw Failure(description: "ended by \(name)\n  Nothing was compared.")
    case .duration: throw Failure(description: "the load did not end\n  Nothing was compared.")
    }
  }

  private static func statistics(_ path: OSString) throws -> LoadStatistics {
    do {
      return try LoadStatistics(json: Array(try Input.text(path: path).utf8))
    } catch is DecodingError {
      throw Failure(
        description: "haltload's statistics cannot be read\n"
          + "  Take haltload and polltrace of the same version.")
    }
  }

  /// The load's program: beside this one, else in PATH.
  private static var haltload: String? {
    let own = (try? Paths.link("/proc/self/exe")) ?? ""
    let beside = own.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    return ([beside] + Paths.ofPrograms).lazy.flatMap { folder in
      ["polltrace-haltload", "haltload"].map { "\(folder)/\($0)" }
    }.first(where: Paths.isExecutable)
  }
}

extension SelfTest.Outcome {
  /// What `report` shows of the vCPUs of `load`, compared with what KVM `counted`.
  fileprivate init(
    _ load: SelfTest.Load, _ counted: LoadStatistics, _ report: TraceReport, lost: UInt64
  ) {
    let shown = counted.vcpus.map { vcpu in
      (vcpu, report.vcpus.first { $0.identity.thread == vcpu.thread }?.figures)
    }
    let total = Figures(totalOf: shown.compactMap(\.1))
    let limit = report.vcpus.first { vcpu in
      vcpu.ceilingSource == .inferred
        && counted.vcpus.contains { $0.thread == vcpu.identity.thread }
    }?.ceiling
    func compared(_ figures: Figures, _ counters: HaltCounters) -> CounterComparison {
      CounterComparison(
        figures.kernelCounters, slept: figures.measures.slept, counters, report.settings.rules)
    }
    self.init(
      load: load, rules: report.settings.rules, limit: limit, halts: total.measures.halts,
      polls: total.kernelCounters.attemptedPolls,
      fidelity: total.fidelity, lost: lost,
      vcpus: counted.sums.map { [SelfTest.VCPU(id: nil, counters: compared(total, $0))] }
        ?? shown.compactMap { vcpu, figures in
          figures.flatMap { figures in
            vcpu.counters.map { SelfTest.VCPU(id: vcpu.id, counters: compared(figures, $0)) }
          }
        },
      missing: shown.filter { $0.1 == nil }.map(\.0.id))
  }
}
