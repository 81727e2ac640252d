import ArgumentParser
import Glibc
import Testing

@testable import HaltLoad

@Suite("The guest") struct GuestTests {
  @Test("has room for its program before its vCPUs' pages")
  func room() {
    let answer = Guest.answer(computes: true, rings: true)
    #expect(Guest.interruptTable.offset + 4 <= Guest.entry)
    for idle in Idle.allCases { #expect(Guest.entry + Guest.loop(idle).count <= Guest.handler) }
    #expect(Guest.handler + answer.count <= Guest.page(of: 0))
    #expect(Guest.page(of: 3) + Guest.page == Guest.size(vcpus: 4))
  }

  static let hasKVM = unsafe access("/dev/kvm", R_OK | W_OK) == 0

  @Test(
    "answers its wakes, however it idles", .enabled(if: hasKVM, "needs /dev/kvm"),
    arguments: Idle.allCases)
  func answers(idle: Idle) throws {
    let options = try Options.parse([
      "--vcpus", "2", "--distribution", "request", "--mean", "1ms", "--duration", "200ms",
      "--busy", "10us", "--idle", idle.rawValue,
    ])
    for vcpu in try Load(options).run().vcpus {
      #expect(vcpu.sent > 20)
      #expect(vcpu.sent - UInt64(vcpu.answered) <= 1)
      // Each wake but the last, where KVM tells the guest's clock: no answer comes before its wake.
      if let latency = vcpu.latency { #expect(latency.count >= Int(vcpu.sent) - 2) }
      if idle == .poll, let statistics = vcpu.statistics?.values["halt_exits"] {
        guard case .number(0) = statistics else {
          Issue.record("a guest that spins halted")
          continue
        }
      }
    }
  }

  @Test("polls before it halts as the governor does", .enabled(if: hasKVM, "needs /dev/kvm"))
  func polls() throws {
    func halts(_ most: String) throws -> UInt64 {
      let options = try Options.parse([
        "--distribution", "exponential", "--mean", "2ms", "--duration", "400ms",
        "--idle", "haltpoll", "--guest-halt-poll", most,
      ])
      guard
        case .number(let halts) = try Load(options).run().vcpus[0].statistics?.values["halt_exits"]
      else { return 0 }
      return halts
    }
    // Nearly all gaps lie inside the longest limit: polls meet the wakes after the first few halts. Gaps of one length
    // may not: a limit between half of it and all of it stays, and each poll fails. Where other work takes the CPU for
    // longer than the longest limit, it shrinks again: it has to stay open in one run of a few.
    let without = try halts("0")
    var with = try halts("20ms")
    for _ in 1..<10 where with >= without / 2 { with = try halts("20ms") }
    #expect(without > 100)
    #expect(with < without / 2)
  }

  @Test("has each of several ceilings in each round", .enabled(if: hasKVM, "needs /dev/kvm"))
  func ceilings() throws {
    let outcome = try Load(
      try Options.parse([
        "--distribution", "periodic", "--mean", "200us", "--duration", "800ms", "--block", "50ms",
        "--ceiling", "0", "--ceiling", "400us", "--ceiling", "1ms",
      ])
    ).run()
    let blocks = outcome.ceilings
    #expect(blocks.count >= 6)
    for round in stride(from: 0, through: blocks.count - 3, by: 3) {
      #expect(Set(blocks[round..<(round + 3)].map(\.ceiling.count)) == [0, 400_000, 1_000_000])
    }
    var most = 0.0
    for (block, next) in zip(blocks, blocks.dropFirst()) {
      #expect(block.since < next.since)
      let (settled, end) = (try #require(block.settled), try #require(block.end))
      #expect(block.since < settled.time && settled.time < end.time && end.time <= next.since)
      guard let before = settled.polled, let after = end.polled else { continue }
      // It polls as far as other tasks let it, and not at all under 0.
      let share = Double(after.count - before.count) / Double(end.time - settled.time)
      #expect(block.ceiling.count == 0 ? share < 0.02 : share < 1.01)
      if block.ceiling.count > 0 { most = max(most, share) }
    }
    // It polls under two of the three.
    let statistics = try #require(outcome.vcpus[0].statistics?.values)
    #expect(most > 0)
    guard case .number(let attempted) = statistics["halt_attempted_poll"],
      case .number(let exits) = statistics["halt_exits"]
    else { return }
    #expect(attempted > 0 && attempted < exits)
  }
}
