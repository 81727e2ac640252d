import ArgumentParser
import Testing

@testable import HaltLoad

@Suite("The report") struct ReportTests {
  @Test("is JSON with sorted keys, statistics beside the vCPU's own")
  func document() throws {
    let vcpu = Outcome.VCPU(
      id: 0, tid: 9, sent: 3, answered: 3, statistics: Statistics(values: ["exits": .number(5)]))
    let report = Report(
      options: try Options.parse(["--name", "lab/1"]),
      outcome: Outcome(
        begin: 1, end: 2, vcpus: [vcpu],
        ceilings: [
          CeilingBlocks.Block(
            since: 1, ceiling: Nanoseconds(count: 7),
            settled: CeilingBlocks.Look(time: 2, polled: Nanoseconds(count: 3)))
        ]), kernel: "6.18",
      parameters: [:])
    let text = String(decoding: try report.bytes(), as: UTF8.self)
    let compact = text.filter { !$0.isWhitespace }
    #expect(compact.hasPrefix(#"{"end_mono_ns":2,"kernel":"6.18","parameters":{},"schema":"#))
    #expect(compact.contains(#""vcpus":[{"exits":5,"tid":9,"vcpu":0,"wakes_sent":3}]"#))
    #expect(
      compact.contains(
        #""vm":{"ceiling_ns":null,"ceilings":[{"ceiling_ns":7,"end":null,"settled":{"mono_ns":2,"polled_ns":3},"#
          + #""since_mono_ns":1}],"name":"lab/1","pid":"#
      ))
  }
}
