import Fixtures
import PollTrace
import Testing

@testable import PollTraceReplay

private let ownSettings = ["exponential", "periodic", "bimodal", "request", "small-ceiling", "off"]

@Suite struct `A prediction` {
  @Test(arguments: ownSettings)
  func `of the recorded setting is the recording`(name: String) throws {
    let host = HostReplay(try Recording.vcpus(of: name), threads: 2)
    let predicted = host.predict([], weight: 4).itself.reduce(PollOutcome.zero) { $0 + $1.mean }
    let recorded = host.recorded
    #expect(recorded.halts > 100)
    #expect(abs(predicted.hitRate - recorded.hitRate) < 0.03)
    let share = { (outcome: PollOutcome) in Double(outcome.pollTime) / host.time }
    #expect(abs(share(predicted) - share(recorded)) < 0.03)
    let halts = Double(predicted.halts) / Double(recorded.halts)
    #expect(abs(halts - 1) < 0.05)
  }

  @Test(arguments: Fixtures.names)
  func `of a ceiling of 0 polls nothing`(name: String) throws {
    let vcpus = try Recording.vcpus(of: name)
    let host = HostReplay(vcpus, threads: 2)
    let off = PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2)
    let prediction = host.predict([off], weight: 4).total(off)
    #expect(prediction.outcome.attempted == 0)
    #expect(prediction.outcome.pollTime == 0)
    #expect(prediction.hitRate.range == 0...0)
    #expect(prediction.pollShare.range == 0...0)
    #expect(prediction.outcome.halts > 0)
    #expect(prediction.latency.value > 0)
  }

  @Test func `is less sure where placement is not known`() throws {
    let vcpus = try Recording.vcpus(of: "floating")
    let host = HostReplay(vcpus, threads: 2)
    let setting = PollParameters(ceiling: 500_000, grow: 2, growStart: 10_000, shrink: 2)
    let prediction = host.predict([setting], weight: 4).total(setting)
    // Most polls were cut short: with other tasks elsewhere none need be.
    #expect(prediction.hitRate.range.upperBound > prediction.hitRate.near.upperBound + 0.1)
  }

  @Test func `moves time: a timer of 180 µs seen polled at 1 ms still fits a window of 200 µs`()
    throws
  {
    // Halt by halt, no window under the recorded block lengths would ever open in time.
    let host = HostReplay(try Recording.vcpus(of: "periodic"), threads: 2)
    let setting = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
    let prediction = host.predict([setting], weight: 4).total(setting)
    #expect(prediction.hitRate.value > 0.85)
  }

  @Test func `does not depend on the number of threads`() throws {
    let one = HostReplay(try Recording.vcpus(of: "exponential", threads: 1), threads: 1)
    let four = HostReplay(try Recording.vcpus(of: "exponential", threads: 2), threads: 4)
    let setting = PollParameters(ceiling: 100_000, grow: 2, growStart: 10_000, shrink: 2)
    let first = one.predict([setting], weight: 4)
    let second = four.predict([setting], weight: 4)
    #expect(first.total(setting) == second.total(setting))
    #expect(first.each(setting) == second.each(setting))
  }

  @Test func `counts a vCPU with too few halts as recorded`() throws {
    let vcpu = try #require(try Recording.vcpus(of: "exponential").first)
    let few = RecordedVCPU(
      identity: vcpu.identity, host: "", span: vcpu.span, settings: vcpu.settings,
      figures: vcpu.figures, log: HaltLog())
    #expect(few.replay == nil)
    #expect(HostReplay([few], threads: 1).predict([], weight: 4).itself[0].mean == .zero)
  }
}

@Suite struct `What drives a guest` {
  @Test func `is the outer world for a timer`() throws {
    let source = try #require(try Recording.vcpus(of: "bimodal").first?.replay?.source)
    #expect(source.kind == .external)
  }

  @Test func `shows where polls end halts, too`() throws {
    let source = try #require(try Recording.vcpus(of: "periodic").first?.replay?.source)
    #expect(source.kind == .external)
    #expect(source.isDecided)
  }

  @Test func `is the guest where answers come a time after it went idle`() throws {
    let source = try #require(try Recording.vcpus(of: "request").first?.replay?.source)
    #expect(source.kind == .ownRequests)
    #expect(source.isDecided)
  }

  @Test func `is not decided by fewer than 200 gaps`() throws {
    var vcpu = InventedVCPU()
    vcpu.span = RecordingSpan(until: 25_000_000)
    let replay = try #require(vcpu.recorded().replay)
    #expect(!replay.source.isDecided)
    #expect(replay.bounds.contains(.otherSource))
  }
}
