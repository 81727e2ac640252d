/// Reading a line of text from both its ends: numbers, spaces and words.
///
/// Functions that go forward move `position` behind what they took, those that go backward before
/// it; where they give back nil or false it may stand anywhere.
extension Bytes {
  @inline(__always)
  func byte(_ offset: Int) -> UInt8 { load(offset, as: UInt8.self) }

  /// The eight bytes from `offset` on as a number, the first one lowest; 0 stands for missing ones.
  @inline(__always)
  func word(_ offset: Int) -> UInt64 {
    if offset >= 0, offset &+ 8 <= count { return UInt64(littleEndian: load(offset)) }
    return (0..<8).reduce(0) { $0 | UInt64(byte(offset + $1)) << UInt64(8 * $1) }
  }

  @inline(__always)
  func skipSpaces(_ position: inout Int, below end: Int) {
    while position < end, byte(position).isSpace { position &+= 1 }
  }

  @inline(__always)
  func skipSpacesBackward(_ position: inout Int, above begin: Int) {
    while position > begin, byte(position &- 1).isSpace { position &-= 1 }
  }

  /// A decimal number of at most 19 digits.
  @inline(__always)
  func number(_ position: inout Int, below end: Int) -> UInt64? {
    let start = position
    var value: UInt64 = 0
    while position < end, let digit = byte(position).digit {
      value = value &* 10 &+ digit
      position &+= 1
    }
    return position > start && position &- start <= 19 ? value : nil
  }

  /// The same, from its last digit on.
  @inline(__always)
  func numberBackward(_ position: inout Int, above begin: Int) -> UInt64? {
    let end = position
    var value: UInt64 = 0
    var place: UInt64 = 1
    while position > begin, let digit = byte(position &- 1).digit {
      value = value &+ digit &* place
      place = place &* 10
      position &-= 1
    }
    return position < end && end &- position <= 19 ? value : nil
  }

  /// Whether `word` stands at `position`.
  @inline(__always)
  func has(_ word: Word, at position: Int) -> Bool {
    guard self.word(position) & word.lowMask == word.low else { return false }
    return word.count <= 8 || self.word(position &+ 8) & word.highMask == word.high
  }

  @inline(__always)
  func take(_ word: Word, _ position: inout Int, below end: Int) -> Bool {
    guard position &+ word.count <= end, has(word, at: position) else { return false }
    position &+= word.count
    return true
  }

  @inline(__always)
  func takeBackward(_ word: Word, _ position: inout Int, above begin: Int) -> Bool {
    guard position &- word.count >= begin, has(word, at: position &- word.count) else {
      return false
    }
    position &-= word.count
    return true
  }

  /// The last byte of value `byte` before `end`, not before `begin`.
  @inline(__always)
  func lastIndex(of byte: UInt8, from begin: Int, below end: Int) -> Int? {
    let wanted = UInt64(byte) &* 0x0101_0101_0101_0101
    let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
    var end = end
    while end &- 8 >= begin {
      // Exact in each byte: its top bit stays 0 only where all bits are.
      let word = word(end &- 8) ^ wanted
      let found = ~((word & low) &+ low | word | low)
      if found != 0 { return end &- 1 &- found.leadingZeroBitCount / 8 }
      end &-= 8
    }
    while end > begin {
      end &-= 1
      if self.byte(end) == byte { return end }
    }
    return nil
  }
}

/// At most 16 bytes of text to compare with, as two numbers.
struct Word: Sendable {
  let count: Int
  let low, lowMask, high, highMask: UInt64

  @inline(__always)
  init(_ text: StaticString) {
    count = text.utf8CodeUnitCount
    var halves: (low: UInt64, high: UInt64) = (0, 0)
    var index: UInt64 = 0
    for byte in text.description.utf8 {
      if index < 8 {
        halves.low |= UInt64(byte) << (8 * index)
      } else {
        halves.high |= UInt64(byte) << (8 * (index - 8))
      }
      index += 1
    }
    (low, high) = halves
    lowMask = count >= 8 ? .max : UInt64(1) << UInt64(8 * count) - 1
    highMask = count >= 16 ? .max : count <= 8 ? 0 : UInt64(1) << UInt64(8 * (count - 8)) - 1
  }
}

extension UInt8 {
  @inline(__always)
  var isSpace: Bool { self == 0x20 || self == 0x09 }
  /// The value of a decimal digit.
  @inline(__always)
  var digit: UInt64? { self &- 0x30 < 10 ? UInt64(self &- 0x30) : nil }
  /// The value of a hexadecimal digit, its letter a small one.
  @inline(__always)
  var hexDigit: UInt64? { self &- 0x61 < 6 ? UInt64(self &- 0x57) : digit }
}
