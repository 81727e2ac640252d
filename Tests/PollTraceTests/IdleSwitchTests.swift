import Testing

@testable import PollTrace

@Suite struct `Switches between idle and any task` {
  private static func span(
    _ since: UInt64, _ until: UInt64, _ cpus: String? = nil
  ) -> IdleSwitches.Span {
    .init(
      since: Timestamp(since), until: Timestamp(until), cpus: cpus.flatMap { CPUSet($0) })
  }
  private let recorded = IdleSwitches([span(100, 200), span(200, 300, "0-1,4"), span(400, 500)])

  @Test(
    arguments: [
      (0, 50, false, 100), (0, 100, true, 200), (0, 250, true, 300), (2, 250, false, 300),
      (4, 299, true, 300), (0, 300, false, 400), (0, 500, false, .max),
    ] as [(UInt32, UInt64, Bool, UInt64)])
  func `are known in the spans in which they were recorded`(
    cpu: UInt32, time: UInt64, isKnown: Bool, until: UInt64
  ) {
    let state = recorded.state(on: CPU(cpu), at: Timestamp(time))
    #expect(state == (isKnown, Timestamp(until)))
  }

  @Test func `cover a halt that lies in spans without a break`() {
    func cover(_ cpu: UInt32, _ begin: UInt64, _ end: UInt64) -> Bool {
      recorded.cover(CPU(cpu), from: Timestamp(begin), to: Timestamp(end))
    }
    #expect(cover(0, 150, 250))
    #expect(!cover(2, 150, 250))
    #expect(!cover(0, 250, 450))
    #expect(!cover(0, 90, 110))
    #expect(recorded.share(from: Timestamp(100), to: Timestamp(500)) == 0.75)
  }

  @Test func `out of order in a damaged file are left out`() {
    let spans = IdleSwitches([Self.span(100, 200), Self.span(150, 300), Self.span(400, 350)]).spans
    #expect(spans == [Self.span(100, 200)])
  }

  @Test func `outside of their spans tell nothing of who has a CPU`() {
    var tracker = OccupancyTracker(
      vcpus: [ThreadID(7)], most: 100,
      recorded: IdleSwitches([Self.span(100, 200), Self.span(300, 400)]))
    let task = ThreadID(8)
    func add(_ time: UInt64, _ from: ThreadID, _ to: ThreadID) {
      let events = [
        Event(
          time: Timestamp(time), cpu: CPU(0), thread: from,
          kind: .switched(next: to, stillRunnable: false))
      ]
      tracker.add(events.span)
    }
    add(50, ThreadID(7), task)
    add(60, task, ThreadID(7))
    // Has the CPU until the span's end at least; when it left is unknown.
    add(150, .idle, task)
    add(350, .idle, task)
    add(360, task, .idle)
    add(390, .idle, task)
    tracker.finish(at: Timestamp(1_000))
    #expect(
      tracker.found[CPU(0)]?.map { [$0.entered?.rawValue, $0.left.rawValue] } == [
        [150, 200], [350, 360], [390, 400],
      ])
  }

  @Test func `that cover few halts leave a log whole`() {
    let halts = (0..<600).map { number in
      HaltLog.Entry(
        Halt(
          woke: Timestamp(UInt64(1_000 * (number + 1))), block: 500, ending: .slept, cpu: CPU(0)),
        window: 0)
    }
    var log = HaltLog()
    log.entries = halts
    let few = log.keep(within: IdleSwitches([Self.span(0, 100_000)]))
    #expect(!few)
    #expect(log.entries == halts)
    let most = log.keep(
      within: IdleSwitches([Self.span(10_000, 300_000), Self.span(350_200, 600_000)]))
    #expect(most)
    // Those that end behind 10,500 until 300,000, and those that begin behind 350,200.
    #expect(log.entries == Array(halts[10..<299] + halts[350..<599]))
    #expect(log.stretches == [0..<289, 289..<538])
  }
}

@Suite struct `Lists of CPUs` {
  @Test(arguments: ["0", "0-3", "0-3,8,10-11", "4294967294"])
  func `come back as they were`(text: String) { #expect(CPUSet(text)?.text == text) }

  @Test(arguments: ["", ",", "3-1", "a", "0,0", "5,1-2", "-1", "4294967295", "1-"])
  func `that are none are not taken for one`(text: String) { #expect(CPUSet(text) == nil) }

  @Test func `are put together`() {
    let (some, others) = (CPUSet("0-1,6")!, CPUSet("2,4-5,7")!)
    #expect(some.union(others).text == "0-2,4-7")
    #expect(CPUSet([CPU(3), CPU(1), CPU(2), CPU(9)]).text == "1-3,9")
    #expect(CPUSet([CPU(.max)]).union(CPUSet([CPU(.max), CPU(0)])).text == "0,4294967295")
    #expect(some.union(others).isSuperset(of: some))
    #expect(!some.isSuperset(of: others))
    #expect(some.contains(CPU(6)) && !some.contains(CPU(5)))
  }
}
