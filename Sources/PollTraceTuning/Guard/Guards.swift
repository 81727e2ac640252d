import PollTrace
import PollTraceCapture

/// Who takes a change back when its time is over: never the process that made it.
enum Guards {
  /// Where systemd is the system's first process there is this folder (sd_booted(3)).
  private static let systemd = "/run/systemd/system"

  /// The guard that this machine can have.
  static func usable(root: String) -> ChangeRecord.Guard {
    root.isEmpty && Paths.isDirectory(systemd) ? .systemd : .process
  }

  /// Starts the guard of `record`, which is written down, and returns when it is at work.
  ///
  /// - Throws: where it is not: then nothing may be set.
  static func start(
    _ record: ChangeRecord, root: String, program: OSString?
  ) throws(TuningError) {
    switch record.guardedBy {
    case .systemd:
      let code = Program.run(timer(record) + command(record, root: root, program: program))
      guard code == 0 else {
        throw .failed(
          "systemd-run has not made the timer that would take the change back (exit code "
            + "\(code.map { "\($0)" } ?? "none"))", "Nothing was set.")
      }
    case .process:
      do throws(SystemError) {
        try Program.start(command(record, root: root, program: program))
      } catch {
        throw .failed(
          "the process that would take the change back did not start: \(error.text)",
          "Nothing was set.")
      }
    }
  }

  private static func unit(_ record: ChangeRecord) -> String { "polltrace-guard-\(record.id)" }

  /// A timer that starts the guard when the change's time is over; the guard waits on where the time was
  /// extended, and is started again where it is killed.
  private static func timer(_ record: ChangeRecord) -> [OSString] {
    let seconds = max(1, record.confirmWithin / 1_000_000_000)
    let words = [
      "systemd-run", "--quiet", "--collect", "--unit=\(unit(record))", "--on-active=\(seconds)s",
      "--timer-property=AccuracySec=100ms", "--property=Restart=on-failure",
      "--property=RestartSec=1s", "--property=OOMScoreAdjust=-1000",
      "--description=Takes a change of halt polling parameters back unless it is confirmed",
    ]
    return words.map { OSString($0) }
  }

  private static func command(
    _ record: ChangeRecord, root: String, program: OSString?
  ) -> [OSString] {
    return [program ?? Program.own, "guard", OSString(record.id)]
      + (root.isEmpty ? [] : ["--root", OSString(root)])
  }

  /// Lets the guard of a change that has ended go; one that is a process sees it by itself.
  static func dismiss(_ record: ChangeRecord) {
    guard record.guardedBy == .systemd, !record.isVoid else { return }
    _ = Program.run(["systemctl", "--quiet", "stop", OSString("\(unit(record)).timer")])
  }

  /// Whether somebody will take `record` back.
  static func isAtWork(_ record: ChangeRecord, in state: StateFolder) -> Bool {
    switch record.guardedBy {
    case .process: state.guardProcess != nil
    case .systemd:
      ["timer", "service"].contains {
        Program.run(["systemctl", "--quiet", "is-active", OSString("\(unit(record)).\($0)")]) == 0
      }
    }
  }
}
