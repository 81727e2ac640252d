import Testing

@testable import PollTrace

@Suite struct `Events that are missing` {
  @Test func `hide the window until the next decision where the trace says so`() {
    let followed = Followed([
      .halt(halt(200_000, 30_000, .slept, (20_000, 40_000))), .loss,
      .halt(halt(300_000, 9_000, .polled)), .halt(halt(400_000, 9_500, .polled)),
      .halt(halt(500_000, 90_000, .slept, (80_000, 160_000))),
    ])
    // The decision of the first one may be among what was lost.
    #expect(followed.halts.windows == [20_000, nil, 80_000, 80_000])
    #expect(followed.halts.unknown[1] == .eventsLost)
    #expect(followed.halts.gaps == [.none, .marked, .none, .none])
    #expect(followed.track.gaps == 1)
    #expect(followed.track.gapsShown == 0)
  }

  @Test func `show where a decision finds another window than was left`() {
    let followed = Followed([
      halt(200_000, 30_000, .slept, (20_000, 40_000)),
      halt(500_000, 90_000, .slept, (80_000, 160_000)),
    ])
    #expect(followed.halts.windows == [20_000, 80_000])
    #expect(followed.halts.gaps == [.none, .shown])
    #expect(followed.halts.checks == [.agrees, .agrees])
    #expect(followed.track.gapsShown == 1)
    #expect(followed.track.fidelity.contradicted == 0)
  }

  @Test func `are no other rules, which a decision from the window in force shows`() {
    let followed = Followed([
      halt(200_000, 30_000, .slept, (20_000, 40_000)),
      halt(500_000, 90_000, .slept, (40_000, 120_000)),
    ])
    let expected = PollWindow.Change.moved(.grow, old: 40_000, new: 80_000)
    #expect(followed.halts.checks == [.agrees, .contradicts(expected: expected)])
    #expect(followed.halts.gaps == [.none, .none])
    #expect(followed.track.fidelity.contradicted == 1)
  }

  @Test(arguments: [false, true])
  func `show where a halt began after the decision before it`(isItsOwn: Bool) {
    // The third halt's decision and wake-up are missing, or it was kept from going on for long.
    let lone = Decision(.grow, vcpu: 0, old: 40_000, new: 80_000)
    let block: Nanoseconds = isItsOwn ? 50_000 : 500_000
    let events: [Event] = [
      event(200_000, .decision(Decision(.grow, vcpu: 0, old: 20_000, new: 40_000))),
      event(200_001, .wakeup(block: 30_000, ending: .slept, isValid: true)),
      event(300_000, .decision(lone)),
      event(900_000, .wakeup(block: block, ending: .slept, isValid: true)),
      event(950_000, .decision(Decision(.shrink, vcpu: 0, old: 160_000, new: 80_000))),
      event(950_001, .wakeup(block: 400_000, ending: .slept, isValid: true)),
    ]
    var shard = ThreadShard(
      number: ThreadShard.number(of: Followed.thread),
      scope: TrackScope(settings: Followed.settings))
    var grouper = ThreadGrouper()
    shard.take([grouper.group(events.span)], Losses())
    shard.finish(at: Timestamp(950_001), Losses())
    let track = shard.tracks[0]
    #expect(track.decisionsWithoutWakeup == (isItsOwn ? 0 : 1))
    #expect(track.gapsShown == 1)
    #expect(track.unknown == (isItsOwn ? 0 : 1))
    #expect(track.fidelity.contradicted == 0)
    #expect(track.fidelity.reproduced == (isItsOwn ? 3 : 2))
    let measures = Figures(track, over: nil).measures
    #expect([measures.grows, measures.shrinks] == [2, 1])
  }

  private func event(_ time: UInt64, _ kind: Event.Kind) -> Event {
    Event(time: Timestamp(time), cpu: CPU(0), thread: Followed.thread, kind: kind)
  }

  @Test func `show where a poll is longer than its window`() {
    let followed = Followed([
      halt(200_000, 15_000, .slept, (10_000, 20_000)), halt(400_000, 60_000, .polled),
      halt(600_000, 90_000, .slept, (80_000, 160_000)),
    ])
    #expect(followed.halts.windows == [10_000, 80_000, 80_000])
    #expect(followed.halts.gaps == [.none, .shown, .none])
    #expect(followed.track.gapsShown == 1)
    // A wake-up that was pending may end a halt so soon without a poll.
    let short = Followed([
      halt(200_000, 3_000, .slept, (0, 5_000)), halt(400_000, 10_000, .polled),
    ])
    #expect(short.track.gapsShown == 0)
  }

  @Test func `are not shown by a halt that ends without sleep under a closed window`() {
    let slow = halt(400_000, 120_000, .polled)
    let before = Followed([.halt(slow), .halt(halt(600_000, 30_000, .slept, (0, 10_000)))])
    #expect(before.halts.windows == [0, 0])
    let after = Followed([
      .halt(halt(200_000, 300_000, .slept, (10_000, 0))), .halt(slow),
      .halt(halt(600_000, 30_000, .slept, (0, 10_000))),
    ])
    #expect(after.halts.windows == [10_000, 0, 0])
    #expect(after.track.gapsShown + before.track.gapsShown == 0)
  }

  @Test(arguments: [3, 200] as [UInt64])
  func `show once where a poll is longer than the window that the next decision finds`(
    count: UInt64
  ) {
    let polls = (1...count).map { Followed.Step.halt(halt($0 * 100_000, 60_000, .polled)) }
    let steps =
      polls + [.halt(halt(90_000_000, 15_000, .slept, (10_000, 20_000)))]
    let first = Followed(steps)
    #expect(first.halts.windows.compactMap(\.self) == [10_000])
    #expect(first.track.gapsShown == 1)
    #expect(first.halts.last?.gap == .shown)
    #expect(Followed(steps, after: first.track).halts == first.halts)
  }

  @Test func `are told from a vCPU that may not poll by the next decision`() {
    let grown = halt(200_000, 15_000, .slept, (10_000, 20_000))
    let due = [halt(300_000, 40_000, .slept), halt(400_000, 50_000, .slept)]
    // The next decision finds the window that was left: none was made.
    let refused = Followed([grown] + due + [halt(500_000, 30_000, .slept, (20_000, 40_000))])
    #expect(refused.halts.checks == [.agrees, .refused, .refused, .agrees])
    #expect(refused.track.fidelity.refused == 2)
    #expect(refused.track.gapsShown == 0)
    // It finds what two grows leave: they were made, and are missing.
    let missing = Followed([grown] + due + [halt(500_000, 90_000, .slept, (80_000, 160_000))])
    #expect(missing.track.fidelity.refused == 0)
    #expect(missing.track.gapsShown == 1)
  }

  @Test func `make a missing decision one of them, not a refusal`() {
    let steps: [Followed.Step] = [
      .halt(halt(200_000, 15_000, .slept, (10_000, 20_000))), .halt(halt(300_000, 40_000, .slept)),
      .halt(halt(400_000, 30_000, .slept, (20_000, 40_000))),
    ]
    #expect(Followed(steps).track.fidelity.refused == 1)
    let end = Followed.Step.halt(halt(500_000, 50_000, .slept, (40_000, 80_000)))
    #expect(Followed(steps + [.loss, end]).track.fidelity.refused == 0)
  }
}
