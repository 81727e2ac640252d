/// Lines of JSON with a line of text in each: logs of containers, `journalctl -o json`.
enum JSONLines {
  /// What the text is called: by Docker, journald, log collectors, bpftrace.
  private static let keys: Set<String> = [
    "log", "MESSAGE", "message", "msg", "line", "text", "data", "_raw",
  ]

  /// Whether the line from `begin` to `end` is an object.
  static func isObject(_ text: Bytes, _ begin: Int, _ end: Int) -> Bool {
    var (begin, end) = (begin, end)
    text.skipSpaces(&begin, below: end)
    while end > begin, text.byte(end - 1) <= 0x20 || text.byte(end - 1) == 0x2c { end -= 1 }
    var next = begin + 1
    text.skipSpaces(&next, below: end)
    return end - begin > 20 && text.byte(begin) == 0x7b && text.byte(next) == 0x22
      && text.byte(end - 1) == 0x7d
  }

  /// `bytes` with the text of each object in its line's place.
  static func texts(in bytes: [UInt8]) -> [UInt8] {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    let text = Bytes(bytes)
    for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
      if line.startIndex > 0 { kept.append(0x0a) }
      guard isObject(text, line.startIndex, line.endIndex), let found = self.text(in: line) else {
        kept += line
        continue
      }
      // It mostly has its own line's end in it.
      kept += found.last == 0x0a ? found.dropLast() : found[...]
    }
    return kept
  }

  /// The text in the object `line`.
  private static func text(in line: ArraySlice<UInt8>) -> [UInt8]? {
    var place = line.startIndex
    var key: [UInt8]?
    while let quote = line[place...].firstIndex(of: 0x22) {
      let (string, end) = string(in: line, quote + 1)
      place = end
      if let name = key, keys.contains(String(decoding: name, as: UTF8.self)) { return string }
      var next = end
      while next < line.endIndex, line[next].isSpace { next += 1 }
      key = next < line.endIndex && line[next] == 0x3a ? string : nil
    }
    return nil
  }

  /// The string that begins at `start`, and where what follows it begins.
  private static func string(in line: ArraySlice<UInt8>, _ start: Int) -> ([UInt8], Int) {
    var string: [UInt8] = []
    var place = start
    while place < line.endIndex, line[place] != 0x22 {
      guard line[place] == 0x5c, place + 1 < line.endIndex else {
        string.append(line[place])
        place += 1
        continue
      }
      switch line[place + 1] {
      case 0x6e: string.append(0x0a)
      case 0x72: string.append(0x0d)
      case 0x74: string.append(0x09)
      case 0x75:
        let digits = String(decoding: line[(place + 2)...].prefix(4), as: UTF8.self)
        let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) ?? "\u{fffd}"
        string += Array(String(Character(scalar)).utf8)
        place += 4
      case let other: string.append(other)
      }
      place += 2
    }
    return (string, min(place + 1, line.endIndex))
  }
}
