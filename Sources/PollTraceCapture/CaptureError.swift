package import PollTrace

/// Why recording could not begin or go on.
package struct CaptureError: Error, Hashable {
  /// What, where.
  package var explanation: Untrusted
  /// What to do.
  package var remedy: String
  package init(_ explanation: Untrusted, remedy: String) {
    self.explanation = explanation
    self.remedy = remedy
  }
}

extension CaptureError: CustomStringConvertible {
  package var description: String { "\(explanation.terminal)\n  \(remedy)" }
}

extension CaptureError {
  /// A refusal that concerns a file of tracefs.
  init(_ error: SystemError, _ path: String, _ what: String) {
    self.init("\(path): \(what): \(error.text)", remedy: Self.remedy(error))
  }

  /// A refusal that concerns the output.
  init(_ error: SystemError, output path: OSString) {
    self.init("\(path.shown): cannot be written: \(error.text)", remedy: Self.outputRemedy(error))
  }

  static let notMounted = CaptureError(
    "/sys/kernel/tracing: tracefs is not mounted",
    remedy: "Mount it: sudo mount -t tracefs nodev /sys/kernel/tracing")

  private static func remedy(_ error: SystemError) -> String {
    if error.isReadOnly {
      return "It is mounted read-only. Mount it for writing: \(mountForWriting)"
    }
    if error.isRefused {
      return "The right to write there is missing. Record as root (sudo polltrace record …), or"
        + " own tracefs until the next boot: \(grant)"
    }
    if error.isOutOfMemory { return "Take smaller buffers: --buffer-size 1M" }
    if error.isMissing { return "See what this kernel lacks: polltrace check" }
    return "See what this host lacks: polltrace check"
  }

  /// The command that makes the caller the owner of tracefs, instances made later included; a group
  /// would not do, for the kernel makes its files 0640.
  private static let grant = "sudo mount -o remount,uid=$(id -u) /sys/kernel/tracing"

  /// In a container that is for the host to do.
  private static let mountForWriting = "sudo mount -o remount,rw /sys/kernel/tracing"

  /// The command after which tracefs may be written.
  static func grant(after error: SystemError) -> String {
    error.isReadOnly ? mountForWriting : grant
  }

  private static func outputRemedy(_ error: SystemError) -> String {
    if error.isNoSpace { return "Make room on that disk, or name a file on another one with -o." }
    return "Name a file that may be written with -o."
  }
}
