import Testing

@testable import PollTrace

@Suite struct `A guest beside its host` {
  private func host(
    boot: Untrusted, vms: [(pid: Int32, name: Untrusted?, uuid: Untrusted)]
  ) -> TraceReport {
    var trace = description("host.dat", boot: boot)
    trace.vcpus = vms.map {
      .init(
        thread: ThreadID($0.pid + 1), process: ProcessID($0.pid), vm: $0.name ?? "", vcpu: 0,
        uuid: $0.uuid)
    }
    let vcpus = vms.map { vm in
      VCPUReport(
        identity: VCPUIdentity(
          process: ProcessID(vm.pid), vm: vm.name, vcpu: 0, thread: ThreadID(vm.pid + 1),
          source: .trace),
        figures: Figures(), ceiling: 200_000, ceilingSource: .parameter)
    }
    return report(trace, vcpus)
  }

  private func guest(boot: Untrusted, name: Untrusted, uuid: Untrusted = "") -> TraceReport {
    var trace = description("guest.dat", boot: boot)
    trace.facts?.host = name
    var facts = GuestFacts()
    facts.uuid = uuid
    trace.facts?.guest = facts
    var report = report(trace, [])
    report.guest = GuestReport(
      settings: .init(), sources: GuestSources(parameters: [.recorded], rulesAreKnown: true),
      cpus: [0, 1].map { .init(cpu: CPU($0), figures: IdleFigures()) })
    return report
  }

  private func description(_ path: Untrusted, boot: Untrusted) -> TraceDescription {
    var trace = TraceDescription(
      path: path, format: "", clock: .init(name: "mono", isTime: true), cpus: 2)
    trace.facts = RecordedFacts()
    trace.facts?.boot = boot
    return trace
  }

  private func report(_ trace: TraceDescription, _ vcpus: [VCPUReport]) -> TraceReport {
    TraceReport(
      trace: trace, tally: ReadTally(), duration: 1_000,
      settings: PollSettings(
        rules: .newest,
        parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)),
      sources: ParameterSources(.recorded), decisionsAreRecorded: true, vcpus: vcpus, leftOut: [],
      ledger: Ledger())
  }

  private func sides(_ traces: [TraceReport]) throws -> BothSides {
    try #require(BothSides.all(of: Report(traces)).first)
  }

  @Test func `is the VM of its UUID, whatever the case of its letters`() throws {
    let host = host(
      boot: "h", vms: [(10, "a", "11111111-aaaa"), (20, "b", "22222222-BBBB"), (30, "web1", "")])
    let sides = try sides([host, guest(boot: "g", name: "web1", uuid: "22222222-bbbb")])
    #expect((sides.match, sides.vm?.process) == (.uuid, ProcessID(20)))
    // Of the guest's two CPUs the VM has a vCPU for one.
    #expect(sides.pairs.map(\.cpu.cpu) == [CPU(0)])
  }

  @Test func `is the VM of its name, or the only one`() throws {
    let two = host(boot: "h", vms: [(10, "a", ""), (20, "web1", "")])
    #expect(try sides([guest(boot: "g", name: "web1"), two]).match == .name)
    #expect(try sides([two, guest(boot: "g", name: "other")]).stranger == .severalVMs)
    let one = host(boot: "h", vms: [(10, nil, "")])
    #expect(try sides([one, guest(boot: "g", name: "other")]).match == .only)
    let other = host(boot: "h", vms: [(10, nil, "3333")])
    #expect(try sides([other, guest(boot: "g", name: "g", uuid: "4444")]).match == nil)
    #expect(try sides([host(boot: "h", vms: []), guest(boot: "g", name: "g")]).stranger == .noVM)
  }

  @Test func `of the host's own boot is none of its VMs`() throws {
    let sides = try sides([
      host(boot: "same", vms: [(10, "web1", "")]), guest(boot: "same", name: "web1"),
    ])
    #expect(sides.stranger == .sameMachine)
    #expect(sides.pairs.isEmpty)
  }

  @Test func `is none without the other side`() {
    #expect(BothSides.all(of: Report([guest(boot: "g", name: "g")])).isEmpty)
    #expect(BothSides.all(of: Report([host(boot: "h", vms: [])])).isEmpty)
  }
}

@Suite struct `The offset of a guest's clock` {
  private static let span = Timestamp(0)...Timestamp(1_000_000_000)

  /// A guest whose halts end each millisecond or so, and its host's, `late` ns before them.
  private func fit(late: UInt64) throws -> BothSides.Fit {
    var check = OffsetCheck(in: Self.span)
    var end: UInt64 = 0
    for step in 0..<900 {
      end += 900_000 + UInt64(step * 7_919 % 200_000)
      check.addGuest(Timestamp(end))
    }
    end = 0
    for step in 0..<900 {
      end += 900_000 + UInt64(step * 7_919 % 200_000)
      check.addHost(Timestamp(end) - Nanoseconds(late))
    }
    return try #require(OffsetCheck.sum([check]))
  }

  @Test func `holds where a host's halts end just before the guest's`() throws {
    let fit = try fit(late: 4_000)
    #expect(fit.holds)
    #expect(fit.fit == fit.halts)
    #expect(fit.byChance < 0.25)
  }

  @Test func `is refuted where they do not`() throws {
    #expect(try !fit(late: 400_000).holds)
  }

  @Test func `is not told by a few halts`() {
    var check = OffsetCheck(in: Self.span)
    for time in 1...19 { check.addHost(Timestamp(UInt64(time) * 1_000)) }
    #expect(OffsetCheck.sum([check]) == nil)
  }
}

@Suite struct `Polling of both sides over time` {
  private func timeline() -> SideTimeline {
    SideTimeline(
      axis: Timeline.Axis(begin: Timestamp(1_000), end: Timestamp(2_000), bins: 10), cpus: 1)
  }

  @Test func `is spread over the time that it took`() {
    var timeline = timeline()
    timeline.addHost(Timestamp(1_150), 200)
    #expect(timeline.byHost == [0, 50, 100, 50, 0, 0, 0, 0, 0, 0])
    #expect(timeline.share(timeline.byHost, in: 2) == 1)
  }

  @Test func `counts what lies inside`() {
    var timeline = timeline()
    timeline.addHost(Timestamp(500), 550)
    timeline.addHost(Timestamp(1_980), 5_000)
    timeline.addHost(Timestamp(3_000), 10)
    #expect(timeline.byHost == [50, 0, 0, 0, 0, 0, 0, 0, 0, 20])
  }

  @Test func `has a guest's poll and the whole of its idle time`() {
    var timeline = timeline()
    var idle = Idle(began: Timestamp(1_000))
    (idle.poll, idle.halted, idle.ended) = (100, Timestamp(1_120), Timestamp(1_400))
    timeline.add(idle)
    #expect(timeline.byGuest.reduce(0, +) == 100)
    #expect(timeline.idle == [100, 100, 100, 100, 0, 0, 0, 0, 0, 0])
  }
}
