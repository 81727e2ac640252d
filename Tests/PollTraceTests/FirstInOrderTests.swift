import PollTrace
import Testing

@Suite struct `The first place at which something holds` {
  @Test func `is found among any number of places, and the end where there is none`() {
    for count in 0..<20 {
      for first in 0...count {
        let places = 5..<5 + count
        #expect(places.firstInOrder(where: { $0 >= 5 + first }) == 5 + first)
      }
    }
  }

  @Test func `of a long range takes few looks`() {
    var looks = 0
    let place = (0..<Int.max).firstInOrder { place in
      looks += 1
      return place >= 1 << 40
    }
    #expect(place == 1 << 40)
    #expect(looks <= 64)
  }
}

@Suite struct `Counts that are put together` {
  @Test func `stop at the greatest number`() {
    var count = UInt64.max - 1
    count.add(1)
    #expect(count == .max)
    count.add(5)
    #expect(count == .max)
    var cells: UInt32 = 7
    cells.add(.max)
    #expect(cells == .max)
  }

  @Test func `of two vCPUs do not begin anew at 0`() {
    var measures = VCPUMeasures()
    measures.grows = .max
    var other = VCPUMeasures()
    other.grows = 3
    measures.merge(other)
    #expect(measures.grows == .max)
  }
}
