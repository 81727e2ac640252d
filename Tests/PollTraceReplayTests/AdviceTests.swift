import Fixtures
import PollTrace
import Testing

@testable import PollTraceReplay

private let defaults = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)

private func adviser(_ objective: Objective = .balanced) -> Adviser {
  var adviser = Adviser(defaults: defaults, threads: 2)
  adviser.objective = objective
  adviser.grid = PollGrid(
    PollGrid.standard.settings.enumerated().filter { $0.offset.isMultiple(of: 90) }.map(\.element))
  return adviser
}

/// A vCPU as recorded, but as if the recording had lasted `factor` times as long.
private func longer(_ vcpu: RecordedVCPU, _ factor: UInt64) -> RecordedVCPU {
  var figures = vcpu.figures
  figures.time = figures.time.map { Nanoseconds($0.rawValue * factor) }
  for _ in 1..<factor {
    figures.measures.merge(vcpu.figures.measures)
    figures.account.merge(vcpu.figures.account)
  }
  return vcpu.with(figures, weight: vcpu.weight * Double(factor))
}

@Suite struct `A recommendation` {
  @Test(arguments: ["exponential", "bursty", "off"], Objective.allCases)
  func `shows a bound that costs no more than any choice`(
    name: String, objective: Objective
  ) throws {
    let recommendation = try #require(
      adviser(objective).advise(try Recording.reached(of: name)))
    let bound = try #require(recommendation.choices.first { $0.name == .clairvoyantBound })
    #expect(recommendation.choices.count >= 5)
    for choice in recommendation.choices {
      #expect(objective.cost(bound.outcome) <= objective.cost(choice.outcome))
    }
  }

  @Test func `is not given for a short recording, and says so`() throws {
    let recommendation = try #require(adviser().advise(try Recording.reached(of: "periodic")))
    guard case .none(let lacks) = recommendation.verdict else {
      Issue.record("a verdict of \(recommendation.verdict)")
      return
    }
    #expect(
      lacks.contains {
        if case .duration(_, least: 2) = $0 { true } else { false }
      })
    #expect(recommendation.recommended == nil)
  }

  @Test func `cures a wake period just under the ceiling`() throws {
    let vcpus = try Recording.reached(of: "periodic").map { longer($0, 10) }
    let recommendation = try #require(adviser(.efficiency).advise(vcpus))
    #expect(recommendation.verdict == .change)
    let now = recommendation.current.outcome
    let then = try #require(recommendation.recommended).outcome
    #expect(Double(now.pollTime) / recommendation.time > 0.5)
    #expect(Double(then.pollTime) / recommendation.time < 0.1)
  }

  @Test func `keeps to a limit on poll CPU`() throws {
    var adviser = adviser(.latency)
    adviser.maxPollShare = 0.05
    let vcpus = try Recording.reached(of: "periodic").map { longer($0, 10) }
    let recommendation = try #require(adviser.advise(vcpus))
    let recommended = try #require(recommendation.recommended)
    #expect(Double(recommended.outcome.pollTime) / recommendation.time < 0.06)
  }

  @Test func `is none where decisions contradict the rules`() throws {
    let vcpus = try Recording.reached(of: "exponential").map { vcpu in
      var figures = longer(vcpu, 10).figures
      figures.fidelity.contradicted = 3
      return vcpu.with(figures)
    }
    let recommendation = try #require(adviser().advise(vcpus))
    #expect(recommendation.verdict == .none([.contradictions(3 * UInt64(vcpus.count))]))
  }
}

@Suite struct `A pattern` {
  @Test func `is named for a wake period just under the ceiling`() throws {
    var vcpus = try Recording.vcpus(of: "periodic")
    let ceiling = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
    vcpus = vcpus.map { $0.with(ceiling) }
    let found = Pattern.found(in: vcpus, host: defaults)
    #expect(
      found.contains {
        if case .wakesJustUnderCeiling = $0 { true } else { false }
      })
  }

  @Test func `is named for polls that other tasks end`() throws {
    let found = Pattern.found(in: try Recording.vcpus(of: "floating"), host: defaults)
    #expect(
      found.contains {
        if case .abandonedByContention = $0 { true } else { false }
      })
  }

  @Test func `is named for parameters that cannot be meant`() {
    let host = PollParameters(ceiling: 100_000, grow: 1, growStart: 200_000, shrink: 1)
    #expect(
      Pattern.found(in: [], host: host) == [
        .growStartAboveCeiling(growStart: 200_000, ceiling: 100_000), .growsNever(grow: 1),
        .shrinksNever,
      ])
    let negative = PollParameters(ceiling: .max, grow: 2, growStart: 10_000, shrink: 2)
    #expect(
      Pattern.found(in: [], host: negative) == [
        .negativeValue(parameter: "halt_poll_ns", value: .max)
      ])
    #expect(Pattern.found(in: [], host: defaults).isEmpty)
  }

  @Test func `is named for windows that never open`() throws {
    let vcpus = try Recording.vcpus(of: "off").map { $0.with(defaults) }
    #expect(
      Pattern.found(in: vcpus, host: defaults).contains {
        if case .neverOpens = $0 { true } else { false }
      })
  }
}
