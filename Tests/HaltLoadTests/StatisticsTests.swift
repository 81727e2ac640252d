import Testing

@testable import HaltLoad

@Suite("Statistics") struct StatisticsTests {
  func little(_ value: UInt64, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  func name(_ text: String) -> [UInt8] {
    Array(text.utf8) + Array(repeating: 0, count: 8 - text.utf8.count)
  }

  /// Two descriptors with names of 8 bytes: a number and a histogram of two buckets.
  var file: [UInt8] {
    let header = [0, 8, 2, 24, 24, 72].flatMap { little($0, 4) }
    let number = little(0, 4) + little(1 << 16, 4) + little(0, 4) + little(0, 4) + name("exits")
    let buckets = little(4, 4) + little(2 << 16, 4) + little(8, 4) + little(0, 4) + name("hist")
    return header + number + buckets + [5, 6, 7].flatMap { little($0, 8) }
  }

  @Test("have a name and a number, or a histogram")
  func reads() {
    let values = Statistics(file)?.values
    #expect(values == ["exits": .number(5), "hist": .histogram([6, 7])])
  }

  @Test("that end too early are refused")
  func short() {
    for size in file.indices { #expect(Statistics(Array(file.prefix(size))) == nil) }
  }
}
