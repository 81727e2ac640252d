import Testing

@testable import PollTraceCapture

@Suite struct `The head of a trace` {
  private var head: TraceDatHead {
    var head = TraceDatHead(pageSize: 4_096)
    head.headerPage = Array("page".utf8)
    head.headerEvent = Array("event".utf8)
    head.formats = [TraceDatHead.Format(event: .wakeup, text: Array("format".utf8))]
    head.clock = Array("local [mono]".utf8)
    return head
  }

  @Test func `puts every CPU's events on a page of their own, one after the other`() {
    let (bytes, extents) = head.layout(of: [8_192, 0, 4_096])
    #expect(bytes.count == 4_096)
    #expect(extents.map(\.offset) == [4_096, 12_288, 12_288])
    #expect(extents.map(\.size) == [8_192, 0, 4_096])
  }

  @Test func `begins as version 6 does`() {
    let (bytes, _) = head.layout(of: [0])
    let beginning = [0x17, 0x08, 0x44] + Array("tracing6\0".utf8)
    #expect(Array(bytes.prefix(beginning.count)) == beginning)
  }

  @Test func `names the clock in an option, as a string, and once more behind the CPUs`() {
    let (bytes, _) = head.layout(of: [0])
    let option = [4, 0, 13, 0, 0, 0] + Array("local [mono]\0".utf8)
    let blob = [12, 0, 0, 0, 0, 0, 0, 0] + Array("local [mono]".utf8)
    #expect(bytes.contains(option))
    #expect(bytes.contains(blob))
  }

  @Test func `grows by pages where the facts are long`() {
    var head = head
    head.facts = String(repeating: "x", count: 10_000)
    let (bytes, extents) = head.layout(of: [4_096])
    #expect(bytes.count == 12_288)
    #expect(extents.first?.offset == 12_288)
  }
}

@Suite struct `The counts of a buffer` {
  @Test func `are what the kernel writes`() {
    let counts = BufferStatistics(
      """
      entries: 3
      overrun: 5
      commit overrun: 0
      bytes: 120
      oldest event ts:  8293.096859
      now ts:  8296.061665
      dropped events: 2
      read events: 120
      """)
    #expect(counts.read == 120)
    #expect(counts.waiting == 3)
    #expect(counts.lost == 7)
  }
}
