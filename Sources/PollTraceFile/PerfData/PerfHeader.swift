internal import PollTrace

/// What a perf.data says of itself, whether in its header or in records of a pipe.
///
/// linux tools/perf/Documentation/perf.data-file-format.txt.
struct PerfHeader {
  /// Features of the header, by their bit.
  enum Feature: Int {
    case tracingData = 1
    case hostName = 3
    case release = 4
    case architecture = 6
    case processors = 7
  }

  let isBigEndian: Bool
  let isPipe: Bool
  /// Where the records lie.
  var records: Range<Int>
  var attributes: [PerfAttribute] = []
  /// Which attribute an id belongs to.
  var ids: [UInt64: Int] = [:]
  var tracingData: Bytes?
  var kernel: String?
  var arch: String?
  var processors: Int?
  var ledger = Ledger()

  /// `PERFILE2`, as each byte order writes it.
  static let magics = [Array("PERFILE2".utf8), Array("2ELIFREP".utf8)]

  init(_ file: Bytes, path: String) throws(TraceFileError) {
    isBigEndian = file.starts(with: Self.magics[1])
    records = 0..<file.count
    var reader = ByteReader(file, isBigEndian: isBigEndian, from: 8)
    guard let size = try? reader.next(UInt64.self) else {
      throw Self.cutOff(path, file, "the header", 16)
    }
    isPipe = size == 16
    guard !isPipe else {
      records = 16..<file.count
      return
    }
    guard size >= 104, file.count >= 104 else {
      throw Self.cutOff(path, file, "the header", max(size, 104))
    }
    func number(_ at: Int) -> UInt64 {
      let value = file.load(at, as: UInt64.self)
      return isBigEndian ? UInt64(bigEndian: value) : UInt64(littleEndian: value)
    }
    let (attrSize, attrs) = (number(16), (offset: number(24), size: number(32)))
    let data = (offset: number(40), size: number(48))
    guard data.offset <= UInt64(file.count) else {
      throw Self.cutOff(path, file, "the records", data.offset)
    }
    let left = UInt64(file.count) - data.offset
    if data.size > left {
      ledger.note(
        .damaged, 1, "records at byte \(data.offset): expected \(data.size) bytes, found \(left)")
    } else if data.size == 0 {
      // perf writes the size when it ends: a recording that was killed has none.
      ledger.note(.unfinished, 1, "the header counts no records; those that are there are read")
    }
    let length = data.size == 0 ? left : min(data.size, left)
    records = Int(data.offset)..<Int(data.offset + length)
    readAttributes(file, attrs, attrSize)
    if data.size > 0, data.size <= left {
      readFeatures(file, at: data.offset + data.size, bits: (number(72), number(80)))
    }
  }

  private static func cutOff(
    _ path: String, _ file: Bytes, _ section: String, _ needed: UInt64
  ) -> TraceFileError {
    TraceFileError(
      path: path, offset: 0,
      problem: .cutOff(section: section, needed: needed, left: UInt64(file.count)))
  }

  private mutating func readAttributes(
    _ file: Bytes, _ section: (offset: UInt64, size: UInt64), _ each: UInt64
  ) {
    guard each >= 64, each <= 1 << 16, section.offset <= UInt64(file.count),
      section.size <= UInt64(file.count) - section.offset
    else {
      ledger.note(.damaged, 1, "attributes at byte \(section.offset) lie beyond the file")
      return
    }
    for index in 0..<Int(section.size / each) {
      let at = Int(section.offset) + index * Int(each)
      guard let attribute = PerfAttribute(file, at, isBigEndian: isBigEndian) else {
        ledger.note(.damaged, 1, "attribute at byte \(at)")
        continue
      }
      attributes.append(attribute)
      var reader = ByteReader(file, isBigEndian: isBigEndian, from: at + Int(each) - 16)
      guard let offset = try? reader.next(UInt64.self), let size = try? reader.next(UInt64.self),
        offset <= UInt64(file.count), size <= UInt64(file.count) - offset,
        let part = file.part(Int(offset), Int(size))
      else { continue }
      addIDs(part)
    }
  }

  private mutating func addIDs(_ part: Bytes) {
    var reader = ByteReader(part, isBigEndian: isBigEndian)
    while let id = try? reader.next(UInt64.self) { ids[id] = attributes.count - 1 }
  }

  /// The table behind the records: offset and size of each feature whose bit is set.
  private mutating func readFeatures(_ file: Bytes, at: UInt64, bits: (UInt64, UInt64)) {
    guard at < UInt64(file.count) else { return }
    var reader = ByteReader(file, isBigEndian: isBigEndian, from: Int(at))
    for bit in 0..<128
    where (bit < 64 ? bits.0 >> UInt64(bit) : bits.1 >> UInt64(bit - 64)) & 1 == 1 {
      guard let offset = try? reader.next(UInt64.self), let size = try? reader.next(UInt64.self)
      else {
        ledger.note(.damaged, 1, "table of features at byte \(at)")
        return
      }
      guard offset <= UInt64(file.count), size <= UInt64(file.count) - offset,
        let content = file.part(Int(offset), Int(size))
      else {
        ledger.note(.damaged, 1, "feature \(bit): its \(size) bytes lie beyond the file")
        continue
      }
      add(feature: bit, content)
    }
  }

  /// Takes in a feature of the header, or of a record of a pipe.
  mutating func add(feature: Int, _ content: Bytes) {
    var reader = ByteReader(content, isBigEndian: isBigEndian)
    switch Feature(rawValue: feature) {
    case .tracingData: tracingData = content
    case .release: kernel = Self.text(&reader)
    case .architecture: arch = Self.text(&reader)
    case .processors: processors = (try? reader.next(UInt32.self)).map(Int.init)
    case .hostName, nil: break
    }
  }

  /// Takes in an attribute of a pipe's record, its ids behind it.
  mutating func add(attribute record: Bytes) {
    guard let attribute = PerfAttribute(record, 8, isBigEndian: isBigEndian) else {
      ledger.note(.damaged, 1, "an attribute of \(record.count) bytes")
      return
    }
    attributes.append(attribute)
    let behind = 8 + attribute.size
    if let ids = record.part(behind, record.count - behind) { addIDs(ids) }
  }

  /// A string with its length before it, padded with zeros.
  private static func text(_ reader: inout ByteReader) -> String? {
    guard let length = try? reader.next(UInt32.self), let part = try? reader.next(UInt64(length))
    else { return nil }
    let text = part.text.prefix { $0 != "\0" }
    return text.isEmpty ? nil : String(text)
  }
}
