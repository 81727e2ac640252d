internal import PollTrace

/// One sub-buffer of the kernel's ring buffer: records with their times, in order.
///
/// linux kernel/trace/ring_buffer.c and include/linux/ring_buffer.h: a u64 time, the commit word
/// (data length in bits 0–26, bit 31 "events are missing before", bit 30 "how many stands behind
/// the data"), then records of a 32-bit header (type or length in 5 bits, time since the record
/// before in 27) and data.
struct RingBufferPage {
  /// What lies in the page.
  let bytes: Bytes
  let isBigEndian: Bool
  /// The page's own time, in the clock's unit.
  let time: UInt64
  /// Where the first record begins and where the last one ends.
  let dataOffset: Int
  private(set) var end: Int
  /// Events that were dropped before this page: nil for none, 0 for an unknown number.
  private(set) var missing: UInt64?
  /// What is wrong with the page, if something is.
  private(set) var damage: String?

  init(_ bytes: Bytes, _ layout: PageLayout, isBigEndian: Bool) {
    self.bytes = bytes
    self.isBigEndian = isBigEndian
    dataOffset = layout.dataOffset
    let stamp = bytes.load(0, as: UInt64.self)
    time = isBigEndian ? stamp.byteSwapped : stamp
    let low: UInt32
    if layout.commitSize == 8 {
      let word = bytes.load(layout.commitOffset, as: UInt64.self)
      low = UInt32(truncatingIfNeeded: isBigEndian ? word.byteSwapped : word)
    } else {
      let word = bytes.load(layout.commitOffset, as: UInt32.self)
      low = isBigEndian ? word.byteSwapped : word
    }
    let length = Int(low & 0x07ff_ffff)
    end = dataOffset + length
    if end > bytes.count {
      damage = "commit \(length) beyond the page's \(bytes.count - dataOffset) bytes of data"
      end = bytes.count
    }
    guard low & 0x8000_0000 != 0 else { return }
    missing = 0
    if low & 0x4000_0000 != 0, end + layout.commitSize <= bytes.count {
      if layout.commitSize == 8 {
        let count = bytes.load(end, as: UInt64.self)
        missing = isBigEndian ? count.byteSwapped : count
      } else {
        let count = bytes.load(end, as: UInt32.self)
        missing = UInt64(isBigEndian ? count.byteSwapped : count)
      }
    }
  }

  /// The stamp of the last record; nil where there is none.
  var lastStamp: UInt64? {
    isBigEndian ? lastStamp(BigEndian.self) : lastStamp(LittleEndian.self)
  }

  private func lastStamp<Order: ByteOrder>(_ order: Order.Type) -> UInt64? {
    var (position, stamp, last) = (dataOffset, time, nil as UInt64?)
    while true {
      switch step(&position, &stamp, order) {
      case .record: last = stamp
      case .filler: continue
      case .end, .damage: return last
      }
    }
  }

  /// Whether it says nothing: as no page does that the kernel has handed out.
  var isEmpty: Bool { end == dataOffset && damage == nil && missing == nil }

  /// How many bytes a record takes at least: its header and a word of data.
  static let leastRecord = 8

  /// What one step through a page comes to.
  enum Step {
    /// A record of `length` bytes at `start`.
    case record(start: Int, length: Int)
    /// Nothing but time, or room that was given up.
    case filler
    case end
    /// A record of `length` bytes at `start`, which are not there.
    case damage(start: Int, length: Int)
  }

  /// Goes one record on from `position`, moving `time` along.
  @inline(__always)
  func step<Order: ByteOrder>(
    _ position: inout Int, _ time: inout UInt64, _ order: Order.Type
  ) -> Step {
    guard position &+ 4 <= end else { return .end }
    let header = RecordHeader(Order.native(bytes.load(position)), order)
    let start = position &+ 4
    let length = Int(header.type) &* 4
    guard header.type &- 1 < 28, start &+ length <= end else {
      return special(header, start, &position, &time)
    }
    time &+= header.delta
    position = start &+ length
    return .record(start: start, length: length)
  }

  /// What is no record of the usual kind: time, padding, a long record, or damage.
  @inline(never)
  private func special(
    _ header: RecordHeader, _ start: Int, _ position: inout Int, _ time: inout UInt64
  ) -> Step {
    if header.type == 29, header.delta == 0 { return .end }
    if 1...28 ~= header.type { return .damage(start: start, length: Int(header.type) * 4) }
    guard start + 4 <= end else { return .damage(start: start, length: 4) }
    let next = word(start)
    switch header.type {
    case 30:
      time &+= header.delta &+ UInt64(next) << 27
      position = start + 4
      return .filler
    case 31:
      // An absolute time of 59 bits; the top five are those of the time before.
      let low = header.delta | UInt64(next) << 27
      var absolute = time & (0x1f << 59) | low
      if absolute < time, time &- absolute > 1 << 58 { absolute &+= 1 << 59 }
      time = absolute
      position = start + 4
      return .filler
    default:
      return long(header, Int(next), start, &position, &time)
    }
  }

  /// A record with its length in a word of its own (type 0), or padding (type 29).
  private func long(
    _ header: RecordHeader, _ length: Int, _ start: Int, _ position: inout Int,
    _ time: inout UInt64
  ) -> Step {
    // The length counts its own word, and records are padded to four bytes.
    let next = start + (length + 3) & ~3
    guard length >= 4, next > start, next <= end else {
      return .damage(start: start, length: length)
    }
    time &+= header.delta
    position = next
    return header.type == 29 ? .filler : .record(start: start + 4, length: length - 4)
  }

  private func word(_ offset: Int) -> UInt32 {
    let value = bytes.load(offset, as: UInt32.self)
    return isBigEndian ? value.byteSwapped : value
  }

  /// What to say of a record that is cut.
  func words(onCut start: Int, _ length: Int) -> String {
    "record of \(length) bytes at byte \(start), \(max(0, end - start)) left in the page"
  }
}

/// The 32 bits before a record: five of type or length, 27 of time since the record before.
struct RecordHeader {
  var type: UInt32
  var delta: UInt64

  @inline(__always)
  init<Order: ByteOrder>(_ word: UInt32, _: Order.Type) {
    // Bit fields begin at the low end of a little endian word, at the high end of a big endian one.
    if Order.self == BigEndian.self {
      type = word >> 27
      delta = UInt64(word & 0x07ff_ffff)
    } else {
      type = word & 0x1f
      delta = UInt64(word >> 5)
    }
  }
}
