import Synchronization

/// Wakes one vCPU on its schedule: each wake at its own moment, late ones at once, none dropped.
final class Waker: Sendable {
  private let machine: Machine
  private let vcpu: Int
  /// Where the vCPU answers, if each wake awaits the answer to the last.
  private let doorbell: Doorbell?
  /// How long it computes before each wake.
  private let busy: Nanoseconds
  private let count = Atomic<UInt64>(0)

  init(of vcpu: Int, in machine: Machine, doorbell: Doorbell?, busy: Nanoseconds) {
    (self.vcpu, self.machine, self.doorbell, self.busy) = (vcpu, machine, doorbell, busy)
  }

  /// Wakes sent so far.
  var sent: UInt64 { count.load(ordering: .relaxed) }

  func run(_ schedule: Gaps, from start: UInt64, until stop: Stop) throws(Failure) {
    var (gaps, moment) = (schedule, start)
    while true {
      moment += gaps.next().count
      guard stop.sleep(until: moment) else { return }
      Clock.pass(busy)
      try machine.wake(vcpu)
      count.add(1, ordering: .relaxed)
      guard let doorbell else { continue }
      guard try doorbell.wait(until: stop) else { return }
      moment = Clock.now
    }
  }
}
