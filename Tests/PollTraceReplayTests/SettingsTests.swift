import PollTrace
import Testing

@testable import PollTraceReplay

private let on = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
private let off = PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2)

/// Polling that is switched off at `time`, in ns.
private func switchedOff(at time: UInt64) -> PollSettings {
  PollSettings(
    rules: .newest,
    changes: [
      PollSettings.Change(since: Timestamp(0), parameters: on),
      PollSettings.Change(since: Timestamp(time), parameters: off),
    ])
}

private func adviser(_ objective: Objective = .efficiency) -> Adviser {
  var adviser = Adviser(defaults: on, threads: 2)
  adviser.objective = objective
  adviser.grid = PollGrid(
    [off]
      + [20_000, 50_000, 400_000].map {
        PollParameters(ceiling: $0, grow: 2, growStart: 10_000, shrink: 2)
      })
  return adviser
}

@Suite struct `Parameters that changed while recording` {
  private var changed: InventedVCPU {
    var vcpu = InventedVCPU()
    vcpu.settings = switchedOff(at: 3_000_000_000)
    return vcpu
  }

  @Test func `are replayed as they were in force`() {
    let vcpu = changed.recorded()
    let host = HostReplay([vcpu], threads: 1)
    let itself = host.predict([], weight: 1).itself[0]
    let recorded = vcpu.logged.reduce(.zero, +)
    #expect(recorded.successful > 1_000)
    #expect(abs(itself.mean.hitRate / recorded.hitRate - 1) < 0.05)
    // Nothing polls after the change, in either.
    #expect(vcpu.logged[15...].allSatisfy { $0.attempted == 0 })
    #expect(itself.blocks[16...].allSatisfy { $0.attempted == 0 })
    #expect(itself.blocks[..<15].allSatisfy { $0.successful > 0 })
  }

  @Test func `are listed with their shares of time`() {
    let host = HostReplay([changed.recorded()], threads: 1)
    #expect(host.settingsChanged)
    #expect(host.recordedUnder.map(\.parameters) == [on, off])
    #expect(abs(host.recordedUnder[0].share - 0.75) < 1e-6)
    #expect(host.parameters == off)
    #expect(!HostReplay([InventedVCPU().recorded()], threads: 1).settingsChanged)
  }

  @Test func `are not measured where the last ones came at the end`() throws {
    var vcpu = InventedVCPU()
    vcpu.settings = switchedOff(at: 4_000_000_000)
    let host = HostReplay([vcpu.recorded()], threads: 1)
    #expect(host.parameters == off)
    #expect(host.recordedUnder.map(\.parameters) == [on])
    #expect(host.settingsChanged)
    let recommendation = try #require(adviser().advise([vcpu.recorded()]))
    #expect(recommendation.current.parameters == off)
    #expect(recommendation.current.recorded == nil)
  }

  @Test func `leave the last ones to be compared with, predicted like any other setting`() throws {
    let recommendation = try #require(adviser().advise([changed.recorded()]))
    #expect(recommendation.current.parameters == off)
    #expect(recommendation.current.outcome.attempted == 0)
    #expect(recommendation.current.recorded == nil)
    #expect(recommendation.recordedUnder.count == 2)
    let steady = try #require(adviser().advise([InventedVCPU().recorded()]))
    #expect(steady.current.recorded != nil)
    // Without polling a halt waits 30 µs: more than it costs to poll for 150 µs is not lost.
    let latency = Double(recommendation.current.outcome.latency)
    #expect(abs(latency / Double(recommendation.current.outcome.halts) - 30_000) < 500)
  }
}

@Suite struct `A recommendation for a host` {
  private func vcpu(_ thread: Int32, own: UInt32? = nil) -> InventedVCPU {
    var vcpu = InventedVCPU()
    (vcpu.thread, vcpu.vm, vcpu.seed) = (thread, "vm\(thread)", UInt64(thread))
    vcpu.settings.ownCeiling = own
    return vcpu
  }

  @Test func `leaves out VMs that the parameter does not reach, and shows them apart`() throws {
    let reached = try #require(adviser().advise([vcpu(1).recorded()]))
    let both = try #require(
      adviser().advise([vcpu(1).recorded(), vcpu(2, own: 1_000_000).recorded()]))
    #expect(both.time == reached.time)
    #expect(both.current.outcome == reached.current.outcome)
    #expect(both.choices.map(\.outcome) == reached.choices.map(\.outcome))
    #expect(both.verdict == reached.verdict)
    #expect(both.unreached.map(\.ceiling) == [1_000_000])
    let other = try #require(both.perVM.first { $0.vm.terminal.hasPrefix("vm2") })
    #expect(other.ownCeiling == 1_000_000)
    #expect(other.ceiling < 1_000_000)
  }

  @Test func `is none where the parameter reaches no VM, which says what a VMM could set`() throws {
    let recommendation = try #require(adviser().advise([vcpu(2, own: 1_000_000).recorded()]))
    #expect(recommendation.verdict == .none([.nothingReached]))
    #expect(recommendation.choices.isEmpty)
    #expect(recommendation.perVM.map(\.ownCeiling) == [1_000_000])
  }

  @Test func `starts from the parameters that hold for the most time`() throws {
    var short = vcpu(1)
    (short.host, short.span) = ("a", RecordingSpan(until: 2_000_000_000))
    short.settings = PollSettings(rules: .newest, parameters: off)
    var long = vcpu(2)
    (long.host, long.span) = ("b", RecordingSpan(number: 1, until: 4_000_000_000))
    let recommendation = try #require(adviser().advise([short.recorded(), long.recorded()]))
    #expect(recommendation.current.parameters == on)
    #expect(recommendation.hostSettings == 2)
    // Each host is compared with what it has.
    let each = [short, long].map { HostReplay([$0.recorded()], threads: 1) }
    let own = each.map { $0.predict([], weight: 1).current[0].mean }.reduce(.zero, +)
    #expect(recommendation.current.outcome == own)
  }

  @Test func `tries other ceilings for a VM where the present setting is not in the grid`() throws {
    let present = PollParameters(ceiling: 300_000, grow: 3, growStart: 7_000, shrink: 5)
    let vcpus = [40_000.0, 400_000].enumerated().map { number, gap in
      var vcpu = vcpu(Int32(number + 1))
      vcpu.settings = PollSettings(rules: .newest, parameters: present)
      vcpu.gap = { _ in gap }
      return vcpu.recorded()
    }
    var adviser = adviser(.balanced)
    adviser.grid = PollGrid([
      PollParameters(ceiling: 20_000, grow: 2, growStart: 10_000, shrink: 0)
    ])
    let recommendation = try #require(adviser.advise(vcpus))
    #expect(recommendation.recommended?.parameters == present)
    #expect(recommendation.perVM.map(\.ceiling) == [20_000])
  }

  @Test func `is checked on the half of the time that it was not fitted on`() throws {
    // Polling pays in the first half only: then events come every 3 ms.
    var vcpu = vcpu(1)
    vcpu.settings = PollSettings(rules: .newest, parameters: off)
    vcpu.gap = { $0 < 0.5 ? 40_000 : 3_000_000 }
    let recorded = vcpu.recorded()
    var adviser = adviser(.balanced)
    let fixed = PollParameters(ceiling: 500_000, grow: 2, growStart: 500_000, shrink: 1)
    adviser.grid = PollGrid([off, fixed])
    let sweep = Sweep([recorded], adviser.grid, threads: 1)
    let holdout = try #require(adviser.holdout(sweep, off))
    #expect(holdout.parameters == fixed)
    #expect(holdout.costRatio > 2)
    #expect(sweep.current == sweep.rows[0].halves)
    let now = adviser.objective.cost(sweep.rows[0].halves[1])
    #expect(holdout.costRatio == adviser.objective.cost(sweep.rows[1].halves[1]) / now)
  }
}

@Suite struct `An unknown window` {
  @Test func `tells a halt's length and latency, and nothing of polls`() {
    var hidden = InventedVCPU()
    hidden.showsWindows = false
    let (known, unknown) = (InventedVCPU().recorded(), hidden.recorded())
    let sums = [known, unknown].map { $0.logged.reduce(PollOutcome.zero, +) }
    #expect(sums[0].attempted > 1_000)
    #expect(sums[1].attempted == 0)
    #expect(sums[1].pollTime == 0)
    #expect(sums[0].halts == sums[1].halts)
    #expect(sums[0].latency == sums[1].latency)
    #expect(unknown.replay != nil)
  }

  @Test func `after a loss leaves the rates of the other halts`() {
    let effective = EffectiveParameters(
      rules: .newest,
      parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2))
    var log = HaltLog()
    for index in 0..<100 as Range<UInt64> {
      let halt = Halt(
        woke: Timestamp(1_000_000 + index * 100_000), block: 20_000, ending: .polled)
      log.add(
        index < 50
          ? WindowedHalt(halt, window: 50_000, left: 50_000, effective: effective)
          : WindowedHalt(halt, unknown: .eventsLost, effective: effective))
    }
    let sum = Observation(log).outcomes(in: TimeBlocks(RecordingSpan(until: 20_000_000)))
      .reduce(.zero, +)
    #expect(sum.halts == 100)
    #expect(sum.successful == 100)
    #expect(sum.successTime == 2_000_000)
  }
}
