import Fixtures
import PollTrace
import Testing

@testable import PollTraceReplay

private let grid = PollGrid(
  PollGrid.standard.settings.enumerated().filter { $0.offset.isMultiple(of: 60) }.map(\.element))

@Suite struct `A sweep` {
  @Test func `tries at least 2,000 settings, each once`() {
    let settings = PollGrid.standard.settings
    #expect(settings.count >= 2_000)
    #expect(Set(settings).count == settings.count)
    #expect(settings.contains { $0.ceiling == 0 })
    #expect(settings.allSatisfy { $0.ceiling <= 4_000_000 })
  }

  @Test func `does not depend on the number of threads`() throws {
    let vcpus = try Recording.vcpus(of: "exponential")
    let one = Sweep(vcpus, grid, threads: 1).rows.map(\.halves)
    #expect(Sweep(vcpus, grid, threads: 3).rows.map(\.halves) == one)
  }

  @Test func `adds up over vCPUs and files`() throws {
    let first = try Recording.vcpus(of: "exponential")
    let second = try Recording.vcpus(of: "bursty")
    let both = Sweep(first + second, grid, threads: 2)
    let apart = [Sweep(first, grid, threads: 2), Sweep(second, grid, threads: 2)]
    #expect(both.groups.count == apart[0].groups.count + apart[1].groups.count)
    for index in both.rows.indices {
      #expect(
        both.rows[index].outcome == apart[0].rows[index].outcome + apart[1].rows[index].outcome)
    }
  }

  @Test func `has a front that no setting beats on both`() throws {
    let sweep = Sweep(try Recording.vcpus(of: "bimodal"), grid, threads: 2)
    let front = sweep.front
    #expect(front.count > 1)
    for row in sweep.rows {
      let isBeaten = front.contains {
        $0.outcome.pollTime <= row.outcome.pollTime && $0.outcome.latency <= row.outcome.latency
      }
      #expect(isBeaten)
    }
    #expect(zip(front, front.dropFirst()).allSatisfy { $0.outcome.pollTime < $1.outcome.pollTime })
  }
}
