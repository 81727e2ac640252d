import PollTrace
import Testing

@testable import PollTraceCapture

@Suite struct `The budget of switches with the idle task` {
  /// How long they were recorded, how many of them, and how many events in all, in `seconds` of a host with
  /// so many events a second without and of them.
  private func record(
    seconds: Double, others: Double, switches: (Double) -> Double
  ) -> (on: Double, switches: Double, all: Double) {
    var budget = IdleSwitchBudget()
    var (time, all, taken, on) = (0.0, 0.0, 0.0, 0.0)
    let stamp = { Timestamp(UInt64($0 * 1e9)) }
    budget.begin(at: Timestamp(0), events: 0)
    while time < seconds {
      let next = min(seconds, Double(budget.next.rawValue) / 1e9)
      let length = next - time
      let found = budget.isOn ? switches(time) * length : 0
      on += budget.isOn ? length : 0
      all += others * length + found
      taken += found
      time = next
      if budget.look(at: stamp(time), events: UInt64(all)) {
        budget.changed(at: stamp(time), events: UInt64(all))
      }
    }
    return (on, taken, all)
  }

  @Test func `lets few of them be recorded all the time`() {
    #expect(record(seconds: 30, others: 19_000, switches: { _ in 6_000 }).on > 29.8)
    #expect(record(seconds: 30, others: 0, switches: { _ in 900 }).on == 30)
  }

  @Test(arguments: [(19_000, 200_000), (2_000, 65_000), (80_000, 500_000), (0, 60_000)])
  func `records many in spans that come to no more than it`(others: Double, switches: Double) {
    let (on, taken, all) = record(seconds: 60, others: others, switches: { _ in switches })
    #expect(on > 0.9)
    // The first moments show how many there are.
    let later = taken - 0.25 * switches
    #expect(later / 60 < 1.1 * IdleSwitchBudget.most)
    #expect(later < max(1.1 * (all - taken), 1.5 * 60 * IdleSwitchBudget.free))
  }

  @Test func `follows a host that changes`() {
    let quiet = record(seconds: 60, others: 19_000, switches: { $0 < 20 ? 200_000 : 5_000 })
    #expect(quiet.on > 38)
    let busy = record(seconds: 60, others: 19_000, switches: { $0 < 20 ? 5_000 : 200_000 })
    #expect(busy.on < 28)
  }

  @Test func `has so few spans in a week that facts stay small`() {
    var budget = IdleSwitchBudget()
    budget.begin(at: Timestamp(0), events: 0)
    var (spans, events) = (0, 0.0)
    var time = Timestamp(0)
    while time < Timestamp(7 * 86_400 * 1_000_000_000) {
      let before = (time, budget.isOn)
      time = budget.next
      events += Double((time - before.0).rawValue) / 1e9 * (before.1 ? 100_000 : 10_000)
      guard budget.look(at: time, events: UInt64(events)) else { continue }
      spans += budget.isOn ? 1 : 0
      budget.changed(at: time, events: UInt64(events))
    }
    #expect((200...2_000).contains(spans))
  }
}
