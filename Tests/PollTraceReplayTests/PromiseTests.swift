import PollTrace
import Testing

@testable import PollTraceReplay

private let defaults = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)

/// Fixed windows, whose halts are polled up to the ceiling and sleep beyond.
private func adviser(_ limit: WakeLatencyLimit?, ceilings: [UInt32]) -> Adviser {
  var adviser = Adviser(defaults: defaults, threads: 2)
  adviser.maxWakeLatency = limit
  adviser.grid = PollGrid(
    ceilings.map {
      PollParameters(ceiling: $0 * 1_000, grow: 2, growStart: max(1, $0) * 1_000, shrink: 1)
    })
  return adviser
}

/// Random events every 150 µs; slept halts are seen after 30 µs.
private func vcpus() -> [RecordedVCPU] {
  var vcpu = InventedVCPU()
  vcpu.span = RecordingSpan(until: 4_000_000_000)
  return [vcpu.recorded()]
}

private let ceilings: [UInt32] = [0, 50, 100, 150, 200, 300, 400, 600, 800, 1_000, 1_500, 2_000]

@Suite struct `A limit of latency` {
  @Test(arguments: WakeLatencyLimit.Statistic.allCases)
  func `is kept by the least polling that does`(statistic: WakeLatencyLimit.Statistic) throws {
    let limit = WakeLatencyLimit(statistic, most: 15_000)
    let adviser = adviser(limit, ceilings: ceilings)
    let recommendation = try #require(adviser.advise(vcpus()))
    #expect(recommendation.verdict == .change)
    let promise = try #require(recommendation.promise)
    let found = try #require(recommendation.recommended)
    let parameters = try #require(found.parameters)
    #expect(promise.recommended == .kept || promise.recommended == .keptAsPlaced)
    let latency = try #require(found.prediction?.wakeLatency?[statistic])
    #expect(latency.near.upperBound <= 15_000)
    // Every setting that polls less has an interval that goes beyond.
    let host = HostReplay(vcpus(), threads: 2)
    let predictions = host.predict(adviser.grid.settings, weight: 4)
    for setting in adviser.grid.settings where setting != parameters {
      let other = predictions.total(setting)
      guard other.outcome.pollTime < found.outcome.pollTime else { continue }
      #expect(limit.keeping(other) == .likely || limit.keeping(other) == .broken, "\(setting)")
    }
  }

  @Test func `is kept by less polling the looser it is`() throws {
    var last = Int64.max
    for most in [2_000, 8_000, 14_000, 20_000, 27_000] as [UInt64] {
      let limit = WakeLatencyLimit(.mean, most: Nanoseconds(most))
      let recommendation = try #require(adviser(limit, ceilings: ceilings).advise(vcpus()))
      let polls = try #require(recommendation.recommended).outcome.pollTime
      #expect(polls <= last)
      last = polls
    }
    #expect(last > 0)
  }

  @Test func `that all keep asks for no polling`() throws {
    let limit = WakeLatencyLimit(.p999, most: 60_000)
    let recommendation = try #require(adviser(limit, ceilings: ceilings).advise(vcpus()))
    #expect(recommendation.recommended?.parameters?.ceiling == 0)
  }

  @Test func `that none keeps leads to what else could, and to no setting`() throws {
    let limit = WakeLatencyLimit(.p99, most: 10_000)
    let recommendation = try #require(adviser(limit, ceilings: [0, 50, 100]).advise(vcpus()))
    #expect(recommendation.verdict == .none([.noSettingKeeps(limit)]))
    #expect(recommendation.recommended == nil)
    let promise = try #require(recommendation.promise)
    #expect(promise.current == .broken)
    #expect(try #require(promise.lowest).latency.value > 10_000)
    var names: [Alternative.Name] = []
    for remedy in promise.remedies {
      guard case .alternative(let alternative, let latency) = remedy else { continue }
      names.append(alternative.name)
      #expect(latency <= 10_000)
    }
    #expect(names.contains(.haltWithoutExit))
  }

  @Test func `and one of poll CPU hold together`() throws {
    let limit = WakeLatencyLimit(.mean, most: 14_000)
    var both = adviser(limit, ceilings: ceilings)
    let alone = try #require(both.advise(vcpus()))
    let needed = Double(try #require(alone.recommended).outcome.pollTime) / alone.time
    both.maxPollShare = needed * 1.1
    #expect(try #require(both.advise(vcpus())).recommended != nil)
    both.maxPollShare = needed * 0.5
    let recommendation = try #require(both.advise(vcpus()))
    #expect(recommendation.verdict == .none([.noSettingKeeps(limit)]))
    // What it says is lowest is allowed.
    let lowest = try #require(recommendation.promise?.lowest).parameters
    let outcome = HostReplay(vcpus(), threads: 1).predict([lowest], weight: 4).total(lowest).outcome
    #expect(Double(outcome.pollTime) <= needed * 0.55 * recommendation.time)
  }

  @Test func `that is kept already changes nothing but for polling`() throws {
    // Under a ceiling of 200 µs half of the halts sleep: p99 is 30 µs, and would be without polling.
    let loose = try #require(
      adviser(.init(.p99, most: 40_000), ceilings: [0, 200]).advise(vcpus()))
    #expect(loose.promise?.current == .kept)
    #expect(loose.verdict == .change)
    #expect(loose.recommended?.parameters?.ceiling == 0)
    var off = InventedVCPU()
    off.settings = PollSettings(
      rules: .newest,
      parameters: PollParameters(ceiling: 0, grow: 2, growStart: 1_000, shrink: 1))
    let least = try #require(
      adviser(.init(.p99, most: 40_000), ceilings: [0, 200]).advise([off.recorded()]))
    #expect(least.verdict == .keep(.pollsLeast))
  }
}
