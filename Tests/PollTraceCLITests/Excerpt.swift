/// Which lines of an output of more than 100 lines a golden keeps, below its sum.
enum Excerpt: Sendable {
  /// The first lines.
  case head(Int)
  /// The first four lines, and every 500th.
  case rows
  /// Of a JSON object, its scalars, and those of its members two levels down; no arrays of objects.
  case figures
  /// No line: the output is no text.
  case none

  /// `output` whole where it is short, otherwise its sum and this excerpt.
  func text(of output: [UInt8]) -> String {
    let lines = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let isText = if case .none = self { false } else { true }
    if isText, lines.count <= 101 { return "\n" + String(decoding: output, as: UTF8.self) }
    let sum = "\(lines.count - 1) lines, \(output.count) bytes, FNV-1a \(Self.sum(of: output))\n"
    let kept = kept(lines).map { String(decoding: $0, as: UTF8.self) + "\n" }
    return sum + (kept.isEmpty ? "" : "\n") + kept.joined()
  }

  private func kept(_ lines: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>] {
    switch self {
    case .head(let count): return Array(lines.prefix(count))
    case .rows:
      return lines.enumerated().filter { $0 < 4 || ($0 % 500 == 0 && !$1.isEmpty) }.map(\.element)
    case .figures:
      var isInArray = false
      return lines.filter { line in
        let indent = line.prefix { $0 == UInt8(ascii: " ") }.count
        if indent == 2 { isInArray = line.last == UInt8(ascii: "[") }
        let opens = [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(line.last)
        let isMember = line.dropFirst(indent).first == UInt8(ascii: "\"")
        return isMember && (!opens || indent <= 4) && indent <= (isInArray ? 4 : 6)
      }
    case .none: return []
    }
  }

  /// The 64-bit FNV-1a sum of `bytes` in hexadecimal digits
  /// (Fowler, Noll, Vo; draft-eastlake-fnv).
  private static func sum(of bytes: [UInt8]) -> String {
    let sum = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
