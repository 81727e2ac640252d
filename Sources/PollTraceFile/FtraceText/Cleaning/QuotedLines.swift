/// Lines in quotes, as spreadsheets and lists of programs write them.
enum QuotedLines {
  /// Whether the line from `begin` to `end` stands in quotes.
  static func isQuoted(_ text: Bytes, _ begin: Int, _ end: Int) -> Bool {
    var (begin, end) = (begin, end)
    text.skipSpaces(&begin, below: end)
    while end > begin, isBehind(text.byte(end - 1)) { end -= 1 }
    return end - begin > 20 && isQuote(text.byte(begin)) && text.byte(end - 1) == text.byte(begin)
  }

  private static func isQuote(_ byte: UInt8) -> Bool {
    byte == 0x22 || byte == 0x27 || byte == 0x60
  }
  /// What may follow a line's closing quote: blanks, what parts columns, the end of a list.
  private static func isBehind(_ byte: UInt8) -> Bool {
    byte.isSpace || byte == 0x0d || byte == 0x2c || byte == 0x3b || byte == 0x5d || byte == 0x5c
  }

  /// `bytes` with what is in quotes without them; a doubled quote stands for one.
  static func unquoted(_ bytes: [UInt8]) -> [UInt8] {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    let text = Bytes(bytes)
    for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
      if line.startIndex > 0 { kept.append(0x0a) }
      guard isQuoted(text, line.startIndex, line.endIndex),
        let first = line.firstIndex(where: isQuote), let last = line.lastIndex(of: bytes[first])
      else {
        kept += line
        continue
      }
      var place = first + 1
      while place < last {
        kept.append(bytes[place])
        place += bytes[place] == bytes[first] && bytes[place + 1] == bytes[first] ? 2 : 1
      }
    }
    return kept
  }
}
