import Fixtures
import Foundation
import PollTrace
import PollTraceStatistics
import Testing

@Suite struct `The statistics of a load` {
  @Test func `are those that haltload wrote`() throws {
    let path = Fixtures.trace("exponential.json")
    let truth = try Truth(path: path)
    let statistics = try LoadStatistics(json: [UInt8](Data(contentsOf: URL(filePath: path))))
    #expect(statistics.sums == nil)
    #expect(statistics.vcpus.map(\.id) == truth.vcpus.map(\.vcpu))
    #expect(statistics.vcpus.map(\.thread.rawValue) == truth.vcpus.map(\.tid))
    for (vcpu, truth) in zip(statistics.vcpus, truth.vcpus) {
      #expect(vcpu.counters?[.attemptedPolls] == truth.halt_attempted_poll)
      #expect(vcpu.counters?[.failedPollTime] == truth.halt_poll_fail_ns)
      #expect(vcpu.counters?[.waits]?.counts == truth.halt_wait_hist)
    }
  }

  @Test func `are sums where KVM has none by vCPU`() throws {
    let text = """
      { "schema": "haltload.stats/1", "vcpus": [ { "vcpu": 0, "tid": 7, "wakes_sent": 9 } ],
        "vm": { "pid": 6, "sums": { "halt_attempted_poll": 5, "halt_poll_success_ns": 900 } } }
      """
    let statistics = try LoadStatistics(json: Array(text.utf8))
    #expect(statistics.sums?[.attemptedPolls] == 5)
    #expect(statistics.vcpus.map(\.counters) == [nil])
  }

  @Test(arguments: ["", "{}", #"{ "vm": {}, "vcpus": [ { "vcpu": 0 } ] }"#])
  func `are refused where they are none`(text: String) {
    #expect(throws: DecodingError.self) { try LoadStatistics(json: Array(text.utf8)) }
  }
}
