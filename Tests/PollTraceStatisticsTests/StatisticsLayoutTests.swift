import Fixtures
import PollTrace
import Testing

@testable import PollTraceStatistics

/// A file of KVM's binary statistics, made by hand.
struct StatisticsFile {
  /// One statistic: its name, flags (kind, unit, base), exponent and values.
  struct Entry {
    var name: String
    var flags: UInt32
    var exponent: Int16 = 0
    var width: UInt32 = 0
    var values: [UInt64]
  }
  var entries: [Entry]
  var nameSize = 48

  static let seconds: UInt32 = 2 << 4
  static let logHistogram: UInt32 = 4

  /// What a vCPU of x86 has of halts, each count the number of its place.
  static var halts: StatisticsFile {
    let counts = HaltCounters.Count.allCases.map { count in
      Entry(
        name: count.name, flags: count.isTime ? seconds : 0, exponent: count.isTime ? -9 : 0,
        values: [UInt64(count.rawValue + 1)])
    }
    let spreads = HaltCounters.Spread.allCases.map { spread in
      Entry(
        name: spread.name, flags: seconds | logHistogram, exponent: -9,
        values: (0..<32).map { UInt64($0 * (spread.rawValue + 1)) })
    }
    return StatisticsFile(entries: counts + spreads)
  }

  var bytes: [UInt8] {
    func words(_ values: [UInt32]) -> [UInt8] {
      values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    }
    let descriptors: UInt32 = 24 + 48
    let data = descriptors + UInt32(entries.count * (16 + nameSize))
    var bytes = words([0, UInt32(nameSize), UInt32(entries.count), 24, descriptors, data])
    bytes += [UInt8](repeating: 0, count: 48)
    var offset: UInt32 = 0
    for entry in entries {
      let sizes = UInt32(UInt16(bitPattern: entry.exponent)) | UInt32(entry.values.count) << 16
      bytes += words([entry.flags, sizes, offset, entry.width])
      bytes +=
        Array(entry.name.utf8) + [UInt8](repeating: 0, count: nameSize - entry.name.utf8.count)
      offset += UInt32(8 * entry.values.count)
    }
    for value in entries.flatMap(\.values) {
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    return bytes
  }

  /// What is read of it.
  func counters() throws -> HaltCounters? {
    let halts = HaltStatistics(try StatisticsLayout(bytes))
    return halts.counters(Self.words(bytes, from: halts.range.lowerBound))
  }

  /// The whole numbers of 8 bytes from byte `first` on.
  static func words(_ bytes: [UInt8], from first: Int) -> [UInt64] {
    stride(from: first, through: bytes.count - 8, by: 8).map { place in
      bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }
}

@Suite struct `KVM's statistics` {
  @Test func `are found by their names, wherever they lie`() throws {
    let file = StatisticsFile.halts
    let straight = try #require(try file.counters())
    for count in HaltCounters.Count.allCases {
      #expect(straight[count] == UInt64(count.rawValue + 1))
    }
    #expect(straight[.waits]?.counts == (0..<32).map { $0 * 3 })
    var other = StatisticsFile(entries: file.entries.reversed())
    other.entries.insert(.init(name: "exits", flags: 0, values: [99]), at: 3)
    other.nameSize = 64
    #expect(try other.counters() == straight)
  }

  @Test func `have units: seconds of other fineness are converted, other units are not taken`()
    throws
  {
    func read(_ change: (inout StatisticsFile.Entry) -> Void) throws -> UInt64? {
      var file = StatisticsFile.halts
      change(&file.entries[HaltCounters.Count.waitTime.rawValue])
      return try file.counters()?[.waitTime]
    }
    #expect(try read { $0.values = [7] } == 7)
    #expect(try read { ($0.values, $0.exponent) = ([7], -6) } == 7_000)
    #expect(try read { ($0.values, $0.exponent) = ([.max], -6) } == .max)
    #expect(try read { $0.exponent = -12 } == nil)
    #expect(try read { $0.flags = 3 << 4 } == nil, "cycles")
    #expect(try read { $0.flags |= 1 << 8 } == nil, "powers of two of a second")
    #expect(try read { $0.flags |= 1 } == nil, "of the moment, not summed up")
  }

  @Test func `have kinds, of which a histogram of other buckets is not taken for KVM's`() throws {
    var file = StatisticsFile.halts
    let place = HaltCounters.Count.allCases.count + HaltCounters.Spread.waits.rawValue
    file.entries[place].flags = StatisticsFile.seconds | 3
    file.entries[place].width = 1_000
    let layout = try StatisticsLayout(file.bytes)
    #expect(layout.statistic("halt_wait_hist")?.kind == .linearHistogram(width: 1_000))
    #expect(try file.counters()?[.waits] == nil)
    #expect(try file.counters()?[.failures] != nil)
    file.entries[place].flags = StatisticsFile.seconds | StatisticsFile.logHistogram
    file.entries[place].values.removeLast()
    #expect(try file.counters()?[.waits] == nil)
    file.entries[place].flags = 9
    #expect(try StatisticsLayout(file.bytes).statistic("halt_wait_hist") == nil, "a kind to come")
  }

  @Test func `that end early are refused, wherever that is`() throws {
    let file = StatisticsFile.halts.bytes
    let whole = HaltStatistics(try StatisticsLayout(file))
    for length in 0..<file.count {
      guard let layout = try? StatisticsLayout(Array(file[..<length])) else { continue }
      let halts = HaltStatistics(layout)
      #expect(halts == whole, "\(length)")
      let there = StatisticsFile.words(Array(file[..<length]), from: halts.range.lowerBound)
      #expect(halts.counters(there) == nil, "\(length)")
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `with any bytes at all give values or a refusal, and never trap`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    for _ in 0..<200 {
      var bytes = StatisticsFile.halts.bytes
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let place = Int.random(
          in: 0..<(Bool.random(using: &random) ? 24 : bytes.count), using: &random)
        bytes[place] = UInt8.random(in: 0...255, using: &random)
      }
      guard let layout = try? StatisticsLayout(bytes) else { continue }
      let halts = HaltStatistics(layout)
      // Values may be said to lie at other places, but not beyond what a file may hold.
      #expect(halts.range.upperBound <= 3 << 20)
      _ = halts.counters(StatisticsFile.words(bytes, from: halts.range.lowerBound))
    }
  }
}

/// Numbers from a seed.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
