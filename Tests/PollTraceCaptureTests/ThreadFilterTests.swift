import PollTrace
import Testing

@testable import PollTraceCapture

@Suite struct `A thread filter` {
  private func threads(_ ids: some Sequence<Int32>) -> [ThreadID] { ids.map { ThreadID($0) } }

  @Test func `names each thread in each field`() {
    let filter = ThreadFilter(threads([7, 3]), fields: ["prev_pid", "next_pid"])
    #expect(
      filter.text(of: ["prev_pid", "next_pid"])
        == "prev_pid==3||prev_pid==7||next_pid==3||next_pid==7")
  }

  @Test func `writes neighbours as a range and a thread given twice once`() {
    let filter = ThreadFilter(threads([12, 10, 11, 11, 20]), fields: ["pid"])
    #expect(filter.text(of: ["pid"]) == "(pid>=10&&pid<=12)||pid==20")
  }

  @Test func `closes the smallest gaps first where the text is too long`() {
    let ids: [Int32] = [100, 103, 200, 290, 400_000]
    let filter = ThreadFilter(threads(ids), fields: ["pid"], limit: 40)
    #expect(filter.text(of: ["pid"]) == "(pid>=100&&pid<=290)||pid==400000")
  }

  @Test(arguments: UInt64(0)..<20)
  func `fits a page and lets every thread through, whatever the threads`(seed: UInt64) {
    var state = seed &+ 1
    let ids = (0..<3_000).map { _ -> Int32 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int32(1 + (state >> 33) % 4_194_304)
    }
    for fields in [["pid"], ["prev_pid", "next_pid"]] {
      let filter = ThreadFilter(threads(ids), fields: fields)
      #expect(filter.text(of: fields).utf8.count <= ThreadFilter.limit)
      #expect(ids.allSatisfy { id in filter.ranges.contains { $0.contains(id) } })
      #expect(filter.ranges.count > 20)
    }
  }
}
