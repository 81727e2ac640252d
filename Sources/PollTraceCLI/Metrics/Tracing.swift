import ArgumentParser
import PollTrace
import PollTraceAnalysis
import PollTraceCapture
import PollTraceReplay
import PollTraceReport
import Synchronization

/// When to record, and how long.
struct TracePlan {
  var every: Nanoseconds
  var length: Nanoseconds

  /// What `--trace EVERY/FOR` says.
  init(_ text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map {
      Length.nanoseconds(String($0), bare: 1e9)
    }
    guard parts.count == 2, let every = parts[0], let length = parts[1],
      (2_000_000_000...300_000_000_000).contains(length), every >= length.times(2),
      every <= 7 * 86_400_000_000_000
    else {
      throw ValidationError(
        "--trace \(Untrusted(text).terminal): how often, and how long from 2s to 5m, at most half the time; "
          + "write 15m/5s")
    }
    self.every = Nanoseconds(every)
    self.length = Nanoseconds(length)
  }
}

/// Records now and then, by a `polltrace record` of its own, and reads what it recorded beside the rest.
final class Tracing {
  /// What is going on.
  private enum State {
    case waiting(until: Timestamp)
    case recording(QuietProgram, TemporaryFolder)
    /// In a task of its own, which leaves what came of it in `outcome`.
    case reading(TemporaryFolder)
  }

  private let plan: TracePlan
  private var state: State
  private let outcome = Outcome()
  private(set) var metrics = TraceMetrics()

  init(_ plan: TracePlan) {
    self.plan = plan
    state = .waiting(until: Machine.now)
  }

  /// How long nothing is to be done, unless a child ends or a task calls.
  var pause: Nanoseconds {
    if case .waiting(let until) = state { until - Machine.now } else { 3_600_000_000_000 }
  }

  /// Goes on where there is something to go on with; `running` are the processes of the VMs.
  func step(_ running: Set<ProcessID>) {
    switch state {
    case .waiting(let until):
      if Machine.now >= until { begin() }
    case .recording(let recorder, let folder):
      guard let end = recorder.ended() else { return }
      // 2: events were lost, which the trace tells, too.
      guard [0, 2].contains(end.status) else {
        fail("recording failed: \(end.lines.last?.terminal ?? "")")
        return
      }
      state = .reading(folder)
      outcome.fill(from: folder)
    case .reading:
      guard let left = outcome.take() else { return }
      switch left {
      case .success(let findings):
        metrics.take(
          findings.report, findings.recommendation, now: WallClock.now, running: running)
        rest()
      case .failure(let refusal): fail(refusal.description)
      }
    }
  }

  /// Ends a recording, and leaves nothing behind.
  func stop() {
    switch state {
    case .waiting: break
    case .recording(let recorder, let folder):
      recorder.end(patience: 5_000_000_000)
      folder.remove()
    case .reading(let folder): folder.remove()
    }
    state = .waiting(until: Timestamp(.max))
  }

  private func begin() {
    do throws(SystemError) {
      let folder = try TemporaryFolder()
      let recorder = try QuietProgram([
        "record", "--duration", OSString("\(plan.length.rawValue)ns"), "-o",
        folder.path + "/trace.dat",
      ])
      state = .recording(recorder, folder)
    } catch { fail("recording cannot be started: \(error.text)") }
  }

  private func fail(_ why: String) {
    StandardError.say("polltrace: --trace: \(why)")
    metrics.fail()
    rest()
  }

  private func rest() { state = .waiting(until: Machine.now + plan.every) }
}

/// What a recording shows.
private struct Findings: Sendable {
  var report: Report
  var recommendation: Recommendation?

  /// Reads the recording in `folder`.
  init(_ folder: TemporaryFolder) throws {
    let read = try AnalysedTraces(
      forReplay: [folder.path + "/trace.dat"], AnalysisOptions())
    report = read.report
    let adviser = Adviser(report, threads: 1)
    recommendation = adviser.advise(read.vcpus())
  }
}

/// What a task hands back.
private final class Outcome: Sendable {
  private let left = Mutex<Result<Findings, Refusal>?>(nil)

  /// Reads the recording in `folder` in a task of its own, and calls.
  func fill(from folder: TemporaryFolder) {
    Task.detached {
      let result: Result<Findings, Refusal>
      do { result = .success(try Findings(folder)) } catch {
        result = .failure(error as? Refusal ?? Refusal(description: "\(error)"))
      }
      self.left.withLock { $0 = result }
      ServiceEvents.call()
    }
  }

  func take() -> Result<Findings, Refusal>? {
    left.withLock { left in
      defer { left = nil }
      return left
    }
  }
}
