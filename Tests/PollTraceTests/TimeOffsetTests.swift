import Testing

@testable import PollTrace

@Suite struct `A signed length of time` {
  private static let ends: [Int64] = [
    .min, .min + 1, -1_000_000_000, -1, 0, 1, 1_000_000_000, .max - 1, .max,
  ]

  @Test(arguments: ends, ends)
  func `adds and subtracts as far as there are numbers`(left: Int64, right: Int64) {
    // What is beyond 64 bits is not beyond 128.
    func nearest(_ exact: Int128) -> Int64 { Int64(clamping: exact) }
    let (one, other) = (TimeOffset(left), TimeOffset(right))
    #expect((one + other).rawValue == nearest(Int128(left) + Int128(right)))
    #expect((one - other).rawValue == nearest(Int128(left) - Int128(right)))
    #expect((-one).rawValue == nearest(-Int128(left)))
    #expect(one.times(right).rawValue == nearest(Int128(left) * Int128(right)))
  }

  @Test(arguments: [0, 1, 1 << 62, 1 << 63, .max - 1, .max] as [UInt64], ends)
  func `moves a point within the clock`(point: UInt64, offset: Int64) {
    let exact = Int128(point) + Int128(offset)
    #expect(Timestamp(point).moved(by: TimeOffset(offset)).rawValue == UInt64(clamping: exact))
  }

  @Test(arguments: [0, 1, 1 << 63, .max] as [UInt64])
  func `is as long as a length, and as late as a point, or the longest there is`(value: UInt64) {
    #expect(TimeOffset(Nanoseconds(value)).rawValue == Int64(clamping: value))
    #expect(TimeOffset(Timestamp(value)).rawValue == Int64(clamping: value))
  }
}
