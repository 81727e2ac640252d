import CKVM
import Glibc
import Synchronization

/// Whether the load is over: its time is up, someone interrupted it, or a thread failed.
final class Stop: Sendable {
  private let raised = Atomic(false)

  var isRaised: Bool { raised.load(ordering: .sequentiallyConsistent) }

  func raise() { raised.store(true, ordering: .sequentiallyConsistent) }

  /// The longest sleep that does not look whether the load is over.
  static let slice: UInt64 = 100_000_000

  /// Sleeps until then; false: the load was over first.
  func sleep(until moment: UInt64) -> Bool {
    while !isRaised {
      let now = Clock.now
      if now >= moment { return true }
      Clock.sleep(until: min(moment, now + Self.slice))
    }
    return false
  }

  /// Waits until then, or for SIGINT or SIGTERM, and raises.
  func raise(at deadline: UInt64) {
    var signals = Interruption.signals
    while !isRaised {
      let now = Clock.now
      guard now < deadline else { return raise() }
      var patience = timespec(tv_sec: 0, tv_nsec: Int(min(deadline - now, Self.slice)))
      if unsafe sigtimedwait(&signals, nil, &patience) > 0 { raise() }
    }
  }
}
