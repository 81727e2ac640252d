import Testing

@testable import PollTrace

@Suite struct `A guest's CPU` {
  fileprivate static let cpu = CPU(1)

  /// The events of a CPU: idle states by their number, `<` for the way out, `-` without work.
  fileprivate func events(_ steps: [(UInt64, Event.Kind)]) -> [Event] {
    steps.map { Event(time: Timestamp($0), cpu: Self.cpu, thread: .idle, kind: $1) }
  }

  private func track(
    _ steps: [(UInt64, Event.Kind)], _ settings: GuestSettings = .init(),
    until end: UInt64 = 10_000_000
  ) throws -> GuestCPUTrack {
    var scope = GuestScope(settings: settings)
    scope.keeps.log = .all
    var cpus = GuestCPUs(scope)
    cpus.take([events(steps)])
    return try #require(cpus.finish(at: Timestamp(end)).first)
  }

  /// Halts for 60 µs without a limit, then polls for 50 µs in vain and halts for 30 µs, then polls for 7 µs.
  fileprivate let steps: [(UInt64, Event.Kind)] = [
    (1_000, .idleEntered(state: 1)), (61_500, .idleLeft(hasWork: true)),
    (61_600, .guestDecision(.init(.grow, old: 0, new: 50_000))),
    (70_000, .idleEntered(state: 0)), (121_000, .idleLeft(hasWork: false)),
    (122_000, .idleEntered(state: 1)), (152_500, .idleLeft(hasWork: true)),
    (160_000, .idleEntered(state: 0)), (167_000, .idleLeft(hasWork: true)),
    (180_000, .idleEntered(state: 0)),
  ]

  @Test func `polls, halts, and polls again`() throws {
    let figures = try track(steps).figures
    #expect((figures.idles, figures.polled, figures.halted) == (3, 1, 2))
    #expect((figures.polls, figures.successTime, figures.failTime) == (2, 7_000, 51_000))
    #expect((figures.halt.least, figures.halt.most) == (30_500, 60_500))
    #expect(figures.idle.most == 82_500)
    #expect((figures.grows, figures.shrinks) == (1, 0))
    #expect(figures.fidelity.recorded == 1)
    #expect(figures.fidelity.reproduced == 1)
    #expect(figures.fidelity.contradicted == 0)
    #expect(figures.windows.now?.window == 50_000)
    #expect(figures.unknownLimits == 0)
  }

  @Test func `whose poll met work does not go on into the halt behind it`() throws {
    var steps = self.steps
    steps[4].1 = .idleLeft(hasWork: true)
    let figures = try track(steps).figures
    #expect((figures.polled, figures.halted) == (2, 2))
  }

  @Test func `goes on into a halt that follows at once where nothing tells of work`() throws {
    var steps = self.steps
    for index in steps.indices {
      if case .idleLeft = steps[index].1 { steps[index].1 = .idleLeft(hasWork: nil) }
    }
    #expect(try track(steps).figures.halted == 2)
    steps[5].0 = 171_001
    #expect(try track(Array(steps[..<6])).figures.halted == 1)
  }

  @Test func `has no limit where it halts twice in a row, though no decision says so`() throws {
    var parameters = GuestPollLimit.Parameters()
    parameters.most = 0
    let halts: [(UInt64, Event.Kind)] = (0..<10).flatMap { number -> [(UInt64, Event.Kind)] in
      let begin = UInt64(number) * 100_000
      return [(begin, .idleEntered(state: 1)), (begin + 90_000, .idleLeft(hasWork: true))]
    }
    let figures = try track(halts, GuestSettings(parameters: parameters)).figures
    #expect(figures.halted == 10)
    #expect(figures.unknownLimits == 0)
    #expect(figures.fidelity.contradicted == 0)
    #expect(figures.windows.shares.map(\.window) == [0])
    // The same under a maximum that would have made it poll.
    #expect(try track(halts).figures.fidelity.contradicted > 0)
  }

  @Test func `contradicts rules that say another limit`() throws {
    var steps = self.steps
    steps[2].1 = .guestDecision(.init(.grow, old: 0, new: 40_000))
    let fidelity = try track(steps).figures.fidelity
    #expect(fidelity.contradicted == 1)
    #expect(fidelity.first?.expected == .moved(.init(.grow, old: 0, new: 50_000)))
  }

  @Test func `tells the rules before 6.9 from those after`() throws {
    let steps: [(UInt64, Event.Kind)] = [
      (1_000, .idleEntered(state: 1)), (61_000, .idleLeft(hasWork: true)),
      (61_100, .guestDecision(.init(.grow, old: 0, new: 50_000))),
      (70_000, .idleEntered(state: 0)), (121_000, .idleLeft(hasWork: false)),
      (122_000, .idleEntered(state: 1)), (400_000, .idleLeft(hasWork: true)),
      (400_100, .guestDecision(.init(.shrink, old: 50_000, new: 25_000))),
    ]
    let new = try track(steps).figures
    #expect(new.fidelity.contradicted == 1)
    #expect(new.othersFitBetter)
    #expect(try track(steps, GuestSettings(rules: .linux5_5)).figures.fidelity.contradicted == 0)
  }

  @Test func `knows its limit no more behind a loss, until a decision tells it`() throws {
    var steps = self.steps
    steps.insert((156_000, .lost(count: 3)), at: 7)
    let figures = try track(steps).figures
    #expect(figures.gaps == 1)
    #expect(figures.unknownLimits == 1)
    #expect(figures.idles == 3)
  }

  @Test func `is measured from the interrupt that another CPU sent to its being awake`() throws {
    var cpus = GuestCPUs(GuestScope(settings: .init()))
    let sent = Event(
      time: Timestamp(50_000), cpu: CPU(0), thread: ThreadID(7),
      kind: .interrupted(target: Self.cpu))
    cpus.take([events(steps), [sent]])
    let track = try #require(cpus.finish(at: Timestamp(200_000)).first)
    #expect(track.figures.wakeLatency.count == 1)
    #expect(track.figures.wakeLatency.most == 11_500)
  }

  @Test func `obeys either parameters while somebody changes them`() throws {
    var before = GuestPollLimit.Parameters()
    before.most = 0
    let settings = GuestSettings(
      rules: .newest,
      changes: [
        .init(since: Timestamp(0), parameters: before),
        .init(since: Timestamp(90_000), notBefore: Timestamp(30_000), parameters: .init()),
      ])
    #expect(try track(steps, settings).figures.fidelity.contradicted == 0)
    let late = GuestSettings(
      rules: .newest,
      changes: [
        .init(since: Timestamp(0), parameters: before),
        .init(since: Timestamp(90_000), notBefore: Timestamp(70_000), parameters: .init()),
      ])
    #expect(try track(steps, late).figures.fidelity.contradicted == 1)
  }
}

extension `A guest's CPU` {
  @Test func `is counted from nothing after each harvest, and followed on`() throws {
    var cpus = GuestCPUs(GuestScope(settings: .init()))
    // The first halt and its decision; then the poll that fails, its halt, and the poll that meets its event.
    cpus.take([events(Array(steps.prefix(4)))])
    let first = try #require(cpus.harvest(at: Timestamp(100_000)).first).figures
    #expect((first.idles, first.halted, first.polls, first.grows) == (1, 1, 0, 1))
    cpus.take([events(Array(steps.dropFirst(4)))])
    let second = try #require(cpus.harvest(at: Timestamp(200_000)).first).figures
    #expect((second.idles, second.polled, second.halted, second.grows) == (2, 1, 1, 0))
    #expect(second.failTime == 51_000)
    #expect(second.windows.knownTime == 100_000)
    #expect(second.fidelity.recorded == 1)
    #expect(cpus.harvest(at: Timestamp(300_000)).first?.figures.idles == 0)
  }

  @Test func `counts idle times under a limit above the maximum that holds now`() throws {
    var cpus = GuestCPUs(GuestScope(settings: .init()))
    cpus.take([events(Array(steps.prefix(3)))])
    var lower = GuestPollLimit.Parameters()
    lower.most = 40_000
    cpus.obey(GuestSettings(parameters: lower))
    cpus.take([events(Array(steps.dropFirst(3)))])
    let figures = try #require(cpus.finish(at: Timestamp(200_000)).first).figures
    #expect((figures.idles, figures.aboveMaximum) == (3, 2))
  }

  @Test func `logs a sample in runs, where all are too many`() throws {
    var scope = GuestScope(settings: .init())
    scope.keeps.times = true
    var steps: [(UInt64, Event.Kind)] = []
    for number in 0..<1_000 as Range<UInt64> {
      steps += [
        (number * 1_000, .idleEntered(state: 1)), (number * 1_000 + 500, .idleLeft(hasWork: true)),
      ]
    }
    func track() throws -> GuestCPUTrack {
      var cpus = GuestCPUs(scope)
      cpus.take([events(steps)])
      return try #require(cpus.finish(at: Timestamp(1_000_000)).first)
    }
    let times = try track().times
    #expect(times.count == 1_000)
    scope.keeps.log = .sample(
      [Self.cpu: HaltSample(of: times, share: 0.2, spans: 6)])
    let track = try track()
    #expect(track.figures.idles == 1_000)
    #expect((195...205).contains(track.log.entries.count))
    #expect(track.log.stretches.count == 6)
    let runs = track.log.stretches.map { track.log.entries[$0] }
    #expect(runs.allSatisfy { zip($0, $0.dropFirst()).allSatisfy { $1.woke - $0.woke == 1_000 } })
  }
}

@Suite struct `The rules of a guest's governor` {
  @Test(
    arguments: [
      ("5.3.0", nil), ("5.4.0-42-generic", GuestRules.linux5_4), ("5.5", .linux5_5),
      ("6.1.0-13-amd64", .linux5_5), ("6.8.12", .linux5_5), ("6.9.0", .linux6_9),
      ("6.18.44", .linux6_9), ("7.2", .linux6_9), ("nonsense", nil),
    ] as [(String, GuestRules?)])
  func `follow from the release`(release: String, rules: GuestRules?) {
    #expect(GuestRules.of(release: release) == rules)
  }
}
