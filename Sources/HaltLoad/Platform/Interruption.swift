import CKVM
import Glibc

/// The signals haltload lives with.
enum Interruption {
  /// Calls a vCPU's thread back from the guest.
  static let kick = SIGUSR1

  /// What ends the load before its time.
  static var signals: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGINT)
    unsafe sigaddset(&set, SIGTERM)
    return set
  }

  /// To be called before the first thread starts: threads inherit what is blocked.
  static func prepare() throws(Failure) {
    var set = signals
    let remedy = "This is a defect of haltload: please report it."
    try checked(
      -(unsafe pthread_sigmask(SIG_BLOCK, &set, nil)), "cannot block signals", remedy: remedy)
    try checked(ckvm_signal_interrupts(kick), "cannot handle SIGUSR1", remedy: remedy)
  }

  /// Lets the calling thread be kicked, whatever its maker had blocked.
  static func allowKick() throws(Failure) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, kick)
    try checked(
      -(unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)), "cannot unblock SIGUSR1",
      remedy: "This is a defect of haltload: please report it.")
  }
}
