import Testing

@testable import PollTrace

/// A halt that woke at `woke` ns, with the window before and after where the kernel decided.
func halt(
  _ woke: UInt64, _ block: UInt64, _ ending: Halt.Ending, _ moved: (old: UInt32, new: UInt32)? = nil
) -> Halt {
  Halt(
    woke: Timestamp(woke), block: Nanoseconds(block), ending: ending,
    decision: moved.map {
      Decision($0.new < $0.old ? .shrink : .grow, vcpu: 0, old: $0.old, new: $0.new)
    })
}

extension [WindowedHalt] {
  var windows: [UInt32?] { map(\.window) }
  var unknown: [WindowedHalt.Unknown?] { map(\.unknown) }
  var gaps: [WindowedHalt.Gap] { map(\.gap) }
  var checks: [WindowedHalt.Check] { map(\.check) }
}

/// `count` halts in a window of 20,000 ns that nothing moves.
private func still(_ count: UInt64, from: UInt64 = 100_000) -> [Halt] {
  (0..<count).map { halt(from + $0 * 50_000, 15_000, .polled) }
}

@Suite struct `The window of a halt` {
  @Test func `is what the next decision found, as long as none was made`() {
    let halts = still(3) + [halt(900_000, 30_000, .slept, (20_000, 40_000))]
    let followed = Followed(halts + [halt(950_000, 35_000, .polled)])
    #expect(followed.halts.windows == [20_000, 20_000, 20_000, 20_000, 40_000])
    #expect(followed.track.fidelity.unknown == 0)
    #expect(followed.track.tracker.inferred == 0)
  }

  @Test(arguments: [128, 129, 300] as [UInt64])
  func `is known in a second pass, however late the decision comes`(count: UInt64) {
    let steps = (still(count) + [halt(90_000_000, 30_000, .slept, (20_000, 40_000))])
      .map { Followed.Step.halt($0) }
    let first = Followed(steps)
    let isHasty = first.halts.windows.contains(nil)
    #expect(isHasty == (count > 128))
    #expect(first.track.tracker.openings.areNeeded == isHasty)
    let second = Followed(steps, after: first.track)
    #expect(second.halts.windows == [UInt32?](repeating: 20_000, count: Int(count) + 1))
    #expect(!second.track.tracker.openings.areNeeded)
  }

  @Test func `is closed where a halt longer than the ceiling moved nothing`() {
    let halts = [halt(100_000, 90_000, .slept), halt(400_000, 250_000, .slept)]
    let followed = Followed(halts)
    #expect(followed.halts.windows == [0, 0])
    // At the first one a closed window was due to open.
    #expect(followed.halts.checks == [.refused, .agrees])
    #expect(followed.track.tracker.inferred == 2)
  }

  @Test func `is not known where no halt is longer than the ceiling and none decides`() {
    let followed = Followed([halt(100_000, 90_000, .slept), halt(400_000, 200_000, .slept)])
    #expect(followed.halts.windows == [nil, nil])
    #expect(followed.halts.unknown == [.undecided, .undecided])
  }

  @Test func `is not closed where a halt polled for long`() {
    let followed = Followed([halt(100_000, 10_001, .polled), halt(400_000, 250_000, .slept)])
    #expect(followed.halts.windows == [nil, nil])
    let short = Followed([halt(100_000, 10_000, .polled), halt(400_000, 250_000, .slept)])
    #expect(short.halts.windows == [0, 0])
  }

  @Test func `is 0 under a ceiling of 0, at once and without a decision`() {
    var settings = Followed.settings
    settings.ownCeiling = 0
    let followed = Followed(
      [halt(100_000, 90_000, .slept), halt(200_000, 5_000, .polled)], settings)
    #expect(followed.halts.windows == [0, 0])
    #expect(followed.halts.checks == [.agrees, .agrees])
    #expect(followed.track.tracker.inferred == 0)
  }

  @Test(arguments: [false, true])
  func `is not known without decisions, whatever halts do`(polls: Bool) {
    let followed = Followed(
      [
        .halt(halt(100_000, 90_000, polls ? .polled : .slept)),
        .halt(halt(700_000, 500_000, .slept)),
      ], decisionsAreRecorded: false)
    #expect(followed.halts.windows == [nil, nil])
    #expect(followed.halts.unknown == [.decisionsNotRecorded, .decisionsNotRecorded])
    #expect(followed.halts.checks == [.unchecked, .unchecked])
    #expect(followed.track.fidelity.refused == 0)
    // A halt that ended without sleep after so long a time polled all the same.
    #expect(followed.halts.map(\.pollEnd) == [polls ? .success : nil, nil])
  }

  @Test func `is cut at the ceiling by the next halt, from 6.1 on`() {
    let halts = [
      halt(200_000, 150_000, .slept, (160_000, 320_000)), halt(500_000, 190_000, .polled),
      halt(900_000, 250_000, .slept, (200_000, 100_000)),
    ]
    let followed = Followed(halts)
    #expect(followed.halts.windows == [160_000, 200_000, 200_000])
    #expect(followed.halts.map(\.next) == [200_000, 200_000, 100_000])
    #expect(followed.halts.gaps == [.none, .none, .none])
  }

  /// A ceiling that falls to 50 µs at 600 µs.
  private let lowered = PollSettings(
    rules: .newest,
    changes: [
      .init(since: Timestamp(0), parameters: Followed.settings.changes[0].parameters),
      .init(
        since: Timestamp(600_000),
        parameters: PollParameters(ceiling: 50_000, grow: 2, growStart: 10_000, shrink: 2)),
    ])

  @Test func `before a ceiling was lowered is not what a decision found afterwards`() {
    let halts = [
      halt(300_000, 45_000, .polled), halt(700_000, 40_000, .polled),
      halt(900_000, 60_000, .slept, (50_000, 25_000)),
    ]
    #expect(Followed(halts, lowered).halts.windows == [nil, 50_000, 50_000])
    // Before 6.1 no window is cut without a decision.
    var older = lowered
    older.rules = .linux5_17
    #expect(Followed(halts, older).halts.windows == [50_000, 50_000, 50_000])
  }

  @Test func `is cut at the ceiling that a halt began with, where that changes meanwhile`() {
    let followed = Followed(
      [
        halt(200_000, 100_000, .slept, (80_000, 160_000)),
        // It began with a window of 160,000 ns under the ceiling of before.
        halt(800_000, 300_000, .slept, (160_000, 80_000)), halt(900_000, 45_000, .polled),
      ], lowered)
    #expect(followed.halts.windows == [80_000, 160_000, 50_000])
    #expect(followed.halts.gaps == [.none, .none, .none])
    #expect(followed.halts.checks == [.agrees, .agrees, .agrees])
  }
}
