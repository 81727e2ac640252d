import ArgumentParser
import PollTrace
import PollTraceCapture
import PollTraceReplay
import PollTraceReport
import PollTraceTrial
import PollTraceTuning

/// Conducts the trial that a command line asks for, from its wish to its exit code.
struct TrialConduct {
  private let command: TrialCommand
  private let target: Target
  private let wish: TrialWish
  private let design: TrialDesign
  private let limit: WakeLatencyLimit?

  init(_ command: TrialCommand) throws {
    self.command = command
    let target = command.target.value
    let lists: [Setting]
    do throws(TuningError) {
      lists = try command.setting.map { text throws(TuningError) in
        try Setting(list: text.text, for: target)
      }
    } catch { throw Usage.of(error) }
    wish = try TrialWish(
      lists, command.traces, command.objective, force: command.force, for: target)
    limit = try command.limit()
    if limit != nil, target.name == .guest, !Recorder.showsGuestWakes {
      throw Refusal(
        description:
          "--max-wake-latency: nothing here shows when another CPU wakes one (ipi:ipi_send_cpu in tracefs, Linux 6.4)\n  "
          + "See polltrace check, or leave the limit out.")
    }
    let (length, block) = try command.times(settings: wish.candidates.count + 1)
    let whole = try target.current()
    let steps = ([wish.current] + wish.candidates).compactMap { $0.over(whole).pollParameters }
      .map(Settling.steps)
    design = TrialDesign(
      settings: wish.candidates.count + 1, length: length, block: block,
      settling: Settling.time(
        steps: steps.max() ?? 0, haltsPerSecond: wish.haltsPerSecond, block: block),
      seed: command.seed ?? UInt64.random(in: 0...999_999))
    self.target = target
  }

  func run() throws {
    let source: any BlockSource =
      target.name == .host
      ? HostBlocks(blocksToReach: setsCeilingAlone && !command.force ? design.settings : nil)
      : try GuestBlocks()
    var plan = ChangePlan(
      target, wish.candidates, by: .trial, because: wish.reason, within: try command.guardPatience()
    )
    plan.isForced = command.force
    let change: Change
    do throws(TuningError) { change = try Change.open(plan) } catch { throw Usage.of(error) }
    let progress = TrialProgress()
    let run = TrialRun(
      change, [wish.current] + wish.candidates, source,
      TrialSession(
        design,
        TrialJudge(
          candidates: wish.candidates.count, objective: command.objective, limit: limit)),
      keeps: command.keep, patience: try command.guardPatience(), progress: progress.show)
    var attendance = Attended()
    var recordingFailure: (any Error)?
    do {
      attendance = try attend(run)
    } catch {
      recordingFailure = error
      run.end(.failure(CaptureError("\(Untrusted(String(describing: error)))", remedy: "")))
    }
    progress.close()
    try close(run, recordingFailure, attendance)
  }

  /// Whether the candidates differ from the current setting in the longest polling interval alone.
  private var setsCeilingAlone: Bool {
    wish.candidates.allSatisfy { candidate in
      candidate.values.allSatisfy {
        $0.key == target.ceiling.name || wish.current.values[$0.key] == $0.value
      }
    }
  }

  /// How its recording went.
  private struct Attended {
    /// Events that were lost.
    var lost: UInt64 = 0
    /// Why nothing was recorded.
    var unrecorded: CaptureError?
  }

  /// Runs it to its end, with a recording beside; a guest's without where that cannot be made and is not asked for.
  private func attend(_ run: TrialRun) throws -> Attended {
    let folder: TemporaryFolder?
    do throws(SystemError) { folder = command.output == nil ? try TemporaryFolder() : nil } catch {
      throw Refusal(
        description: "no folder for the trial's recording in TMPDIR or /var/tmp: \(error.text)\n  "
          + "Name a file with -o.")
    }
    defer { folder?.remove() }
    var recording = RecordingPlan(
      output: command.output ?? (folder.map { $0.path + "/trial.dat" } ?? "trial.dat"))
    recording.isGuest = target.name == .guest
    recording.scheduler = .full
    recording.recorder = Version.name
    let summary: RecordingSummary
    do throws(CaptureError) {
      summary = try Recorder.record(
        recording, with: run, note: RecordingMessages().note, progress: { _ in })
    } catch {
      guard recording.isGuest, !run.isRecorded, command.output == nil, limit == nil else {
        throw error
      }
      _ = Attendance.run(run)
      return Attended(unrecorded: error)
    }
    if case .failure(let error) = summary.end { throw error }
    return Attended(lost: summary.lost)
  }

  private func close(
    _ run: TrialRun, _ recordingFailure: (any Error)?, _ attended: Attended
  ) throws {
    let lost = attended.lost
    let failure = run.failure ?? recordingFailure
    var report = TrialReport(
      target: target.name.rawValue, objective: command.objective, limit: limit,
      settings: settings, run.session,
      end: failure.map { .early(Self.line($0)) } ?? .planned)
    report.keeps = command.keep
    report.isKept = run.isKept
    report.isRestored = run.restoration.map { $0.failed.isEmpty } ?? false
    report.leftAlone = (run.restoration?.leftAlone.keys).map { $0.sorted() } ?? []
    let remarks = run.remarks
    report.unreached = remarks.unreached
    report.notes = (run.restoration?.words ?? []) + wish.notes + remarks.notes + remarks.doubts
    if let why = attended.unrecorded {
      report.notes.append("Nothing was recorded: \(why.explanation.terminal).")
    }
    if lost > 0 {
      report.notes.append("\(lost) events were lost; blocks with losses were not compared.")
    }
    let text =
      switch command.format {
      case .text: Terminal.spelt(TextTrial.text(report))
      case .json: JSONTrial.text(report)
      }
    try Output.write(text, path: nil)
    guard failure != nil || run.session.blocks.contains(where: { $0.measure.outcome.halts > 0 })
    else {
      throw Refusal(
        description: "nothing halted in any block, so there is nothing to compare\n  "
          + "Try again while \(report.isGuests ? "CPUs" : "VMs run and") are idle now and then.")
    }
    if let failure {
      StandardError.say("polltrace: \(failure)")
      throw ExitCode(1)
    }
    if report.outcome == .rolledBack { throw ExitCode(3) }
    if let ledger = wish.ledger { try Completeness.check(ledger) }
    if lost > 0 || !remarks.doubts.isEmpty { throw ExitCode(2) }
  }

  /// What went wrong, without what to do about it.
  private static func line(_ failure: any Error) -> Untrusted {
    Untrusted(String(String(describing: failure).prefix { !$0.isNewline }))
  }

  private var settings: [TrialReport.Setting] {
    let current = wish.current
    return ([current] + wish.candidates).enumerated().map { number, setting in
      TrialReport.Setting(
        list: setting.list(for: target),
        parameters: setting.over(current).named(of: target).map {
          TrialReport.Parameter($0.parameter.name, $0.value)
        }, predicted: number == 0 ? nil : wish.predicted[number - 1])
    }
  }
}
