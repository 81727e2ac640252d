internal import PollTrace

/// What a perf.data says before its records, in a file or in a pipe.
///
/// linux tools/perf/Documentation/perf.data-file-format.txt.
struct PerfHeader {
  let isBigEndian: Bool
  /// Whether it was written into a pipe: then all but this comes as records.
  let isPipe: Bool
  /// Where the records lie in the file.
  private(set) var data: Range<Int>
  private(set) var attributes = PerfAttributes()
  private(set) var features = PerfFeatures()
  private(set) var ledger = Ledger()

  /// What a file begins with, as the machine that recorded writes a number.
  private static let little = Array("PERFILE2".utf8), big = Array("2ELIFREP".utf8)
  static let beginnings = [little, big]
  /// Where a file ends, as far as it says; 0 in a pipe.
  private(set) var end = 0

  static func recognises(_ file: Bytes) -> Bool {
    file.starts(with: little) || file.starts(with: big)
  }

  init(_ file: Bytes, path: String) throws(TraceFileError) {
    isBigEndian = file.starts(with: Self.big)
    var reader = SectionReader(file, path: path, isBigEndian: isBigEndian, from: 8)
    let size = try reader.next("the header", UInt64.self)
    data = 16..<max(16, file.count)
    isPipe = size == 16
    guard !isPipe else { return }
    let attributeSize = try reader.next("the header", UInt64.self)
    let attributes = try Section(&reader)
    let data = try Section(&reader)
    _ = try Section(&reader)
    let bits = try reader.fixed("the header", 32)
    try readAttributes(attributes, attributeSize, file, path)
    let features = try place(data, file, path)
    end = self.data.upperBound
    try readFeatures(bits, at: features, file, path)
  }

  /// Finds the records; gives back where the table of features begins.
  private mutating func place(
    _ section: Section, _ file: Bytes, _ path: String
  ) throws(TraceFileError) -> Int {
    guard section.size > 0 else {
      throw TraceFileError(
        path: path, offset: 40,
        problem: .malformed(
          section: "the header", expected: "the size of the data",
          found: "0: perf was ended before it could write the formats of events"))
    }
    guard section.offset <= file.count, section.size <= file.count - section.offset else {
      // Without what follows the records, the formats, none of them can be read.
      throw TraceFileError(
        path: path, offset: section.offset,
        problem: .cutOff(
          section: "the data", needed: UInt64(section.size),
          left: UInt64(max(0, file.count - section.offset))))
    }
    data = section.offset..<section.offset + section.size
    return data.upperBound
  }

  private mutating func readAttributes(
    _ section: Section, _ size: UInt64, _ file: Bytes, _ path: String
  ) throws(TraceFileError) {
    let least = PerfAttribute.leastSize + 16
    guard size >= UInt64(least), size <= 1 << 16, let all = file.part(section.offset, section.size)
    else {
      throw TraceFileError(
        path: path, offset: 24,
        problem: .malformed(
          section: "attributes", expected: "\(least) bytes or more each, inside the file",
          found: "\(size) bytes each, \(section.size) from byte \(section.offset)"))
    }
    var reader = SectionReader(
      all, path: path, isBigEndian: isBigEndian, origin: section.offset)
    // All ids together take no more than the file.
    var left = file.count
    for _ in 0..<all.count / Int(size) {
      let at = section.offset + reader.position
      let bytes = try reader.fixed("an attribute", size - 16)
      let ids = try Section(&reader)
      guard let attribute = PerfAttribute(bytes, isBigEndian: isBigEndian) else { continue }
      guard let part = file.part(ids.offset, ids.size), part.count <= left else {
        ledger.note(.damaged, 1, "byte \(at): \(ids.size) bytes of ids from byte \(ids.offset)")
        continue
      }
      left -= part.count
      try add(attribute, ids: part, path, at: at)
    }
  }

  /// Adds what was recorded, with the ids of its samples.
  mutating func add(
    _ attribute: PerfAttribute, ids: Bytes, _ path: String, at offset: Int
  ) throws(TraceFileError) {
    var reader = ByteReader(ids, isBigEndian: isBigEndian)
    var numbers: [UInt64] = []
    while let id = try? reader.next(UInt64.self) { numbers.append(id) }
    guard attributes.add(attribute, ids: numbers) else {
      throw TraceFileError(
        path: path, offset: offset,
        problem: .malformed(
          section: "attributes", expected: "samples with an id where they differ",
          found: "samples that cannot be told apart"))
    }
  }

  /// Reads the table behind the records: a section for each bit that is set.
  private mutating func readFeatures(
    _ bits: Bytes, at table: Int, _ file: Bytes, _ path: String
  ) throws(TraceFileError) {
    var reader = SectionReader(file, path: path, isBigEndian: isBigEndian, from: table)
    for id in 0..<PerfFeatures.most where has(id, bits) {
      let section = try Section(&reader)
      guard let content = file.part(section.offset, section.size) else {
        ledger.note(
          .damaged, 1,
          "feature \(id): expected \(section.size) bytes from byte \(section.offset), found "
            + "\(max(0, file.count - section.offset))")
        continue
      }
      end = max(end, reader.position, section.offset + section.size)
      try features.take(
        id, content, at: section.offset, path: path, isBigEndian: isBigEndian)
    }
  }

  /// Takes in a feature that comes as a record.
  mutating func take(
    _ id: Int, _ content: Bytes, at offset: Int, _ path: String
  ) throws(TraceFileError) {
    try features.take(id, content, at: offset, path: path, isBigEndian: isBigEndian)
  }

  /// Whether feature `id` is there: a bit of 64-bit words, or of 32-bit ones where those are the
  /// recording machine's; the host's name, feature 3, is in every file.
  private func has(_ id: Int, _ bits: Bytes) -> Bool {
    func bit(_ number: Int, wordSize: Int) -> Bool {
      let byte = number / 8
      let inWord = byte % wordSize
      let place = byte - inWord + (isBigEndian ? wordSize - 1 - inWord : inWord)
      return bits.load(place, as: UInt8.self) >> UInt8(number % 8) & 1 != 0
    }
    return bit(id, wordSize: bit(3, wordSize: 8) ? 8 : 4)
  }

  /// A part of the file.
  private struct Section {
    let offset: Int
    let size: Int

    init(_ reader: inout SectionReader) throws(TraceFileError) {
      offset = Int(clamping: try reader.next("a section's place", UInt64.self))
      size = Int(clamping: try reader.next("a section's place", UInt64.self))
    }
  }
}
