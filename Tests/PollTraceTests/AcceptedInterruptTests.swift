import Testing

@testable import PollTrace

@Suite struct `Accepted interrupts` {
  private func found(_ times: [UInt64], most: Int = 10) -> InterruptTracker {
    var tracker = InterruptTracker(most: most, in: Timestamp(10)..<Timestamp(100))
    for time in times {
      let events = [
        Event(
          time: Timestamp(time), cpu: CPU(2), thread: ThreadID(5),
          kind: .accepted(sender: ThreadID(5), vcpu: UInt32(time % 2))),
        Event(
          time: Timestamp(time), cpu: CPU(2), thread: ThreadID(5),
          kind: .interrupted(target: CPU(0))),
      ]
      tracker.add(events.span)
    }
    return tracker
  }

  @Test func `are kept by vCPU, inside the time that is looked at`() {
    let tracker = found([9, 10, 11, 99, 100])
    func interrupt(_ time: UInt64) -> AcceptedInterrupt {
      AcceptedInterrupt(time: Timestamp(time), sender: ThreadID(5), cpu: CPU(2))
    }
    #expect(tracker.found == [0: [interrupt(10)], 1: [interrupt(11), interrupt(99)]])
    #expect(!tracker.isTooMuch)
  }

  @Test func `are all let go where they are more than are kept`() {
    #expect(!found([10, 11], most: 2).isTooMuch)
    let tracker = found([10, 11, 12, 13], most: 2)
    #expect(tracker.isTooMuch && tracker.found.isEmpty)
  }

  @Test func `say who sent them`() {
    let event = Event(
      time: Timestamp(1), cpu: CPU(0), thread: ThreadID(7),
      kind: .accepted(sender: ThreadID(7), vcpu: 9))
    #expect(event.thread == ThreadID(7) && event.subject == .idle)
    #expect(event.kind == .accepted(sender: ThreadID(7), vcpu: 9))
  }
}
