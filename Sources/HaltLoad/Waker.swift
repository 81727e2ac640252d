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
  /// How the vCPU's clock is read; nil where it cannot be.
  private let clock: VCPUClock?
  private let latencies = Mutex<[UInt32]>([])
  /// More are not kept.
  private static let most = 1 << 20

  init(of vcpu: Int, in machine: Machine, doorbell: Doorbell?, busy: Nanoseconds) {
    (self.vcpu, self.machine, self.doorbell, self.busy) = (vcpu, machine, doorbell, busy)
    clock = machine.vcpus[vcpu].clock()
  }

  /// Wakes sent so far.
  var sent: UInt64 { count.load(ordering: .relaxed) }

  /// How late the guest was, of the wakes that were answered before the next; nil where its clock is not known.
  var latency: WakeLatency? { clock == nil ? nil : WakeLatency(latencies.withLock { $0 }) }

  private struct Wake {
    var sent: UInt64
    /// How many wakes the guest had answered.
    var answered: UInt32
    /// Whether those were all before it: else its own answer may be one of an earlier wake.
    var isAlone: Bool
  }

  /// The wake to be sent now, behind `last`, whose latency is noted where the guest has answered it alone.
  private func next(after last: Wake?) -> Wake? {
    guard let clock else { return nil }
    let now = machine.lastWake(of: vcpu)
    guard let last else { return Wake(sent: 0, answered: now.answered, isAlone: true) }
    // The guest woke after the last wake was sent: none is pending.
    let latency = clock.latency(from: last.sent, to: now.woke)
    if let latency, last.isAlone, now.answered == last.answered &+ 1 {
      latencies.withLock { if $0.count < Self.most { $0.append(latency) } }
    }
    return Wake(sent: 0, answered: now.answered, isAlone: latency != nil)
  }

  func run(_ schedule: Gaps, from start: UInt64, until stop: Stop) throws(Failure) {
    var (gaps, moment) = (schedule, start)
    var last: Wake?
    while true {
      moment += gaps.next().count
      guard stop.sleep(until: moment) else { return }
      last = next(after: last)
      Clock.pass(busy)
      last?.sent = VCPUClock.now
      try machine.wake(vcpu)
      count.add(1, ordering: .relaxed)
      guard let doorbell else { continue }
      guard try doorbell.wait(until: stop) else { return }
      moment = Clock.now
    }
  }
}
