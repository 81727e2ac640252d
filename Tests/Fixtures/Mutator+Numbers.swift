extension Mutator {
  /// `file` with one to four of its numbers replaced by those at which arithmetic goes wrong.
  ///
  /// In text a number is a run of digits. In other files it is any 1 to 8 bytes at a multiple of two,
  /// more often in the file's usual byte order; half of the time it is a run of digits there too,
  /// of which the length stays, so that what follows is still found.
  package mutating func renumbered(_ file: [UInt8]) -> [UInt8] {
    var file = file
    let isText = !file.prefix(512).contains(0)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      if isText || Bool.random(using: &random) {
        replaceDigits(in: &file, keepsLength: !isText)
      } else {
        replaceField(in: &file)
      }
    }
    return file
  }

  /// Replaces the first run of digits from some place on.
  private mutating func replaceDigits(in file: inout [UInt8], keepsLength: Bool) {
    guard !file.isEmpty else { return }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let hit = file[place(in: file)...].firstIndex(where: digits.contains) else { return }
    let start = file[..<hit].lastIndex { !digits.contains($0) }.map { $0 + 1 } ?? 0
    let end = file[hit...].firstIndex { !digits.contains($0) } ?? file.count
    let number = Array((Self.numbers.randomElement(using: &random) ?? "0").utf8)
    if keepsLength {
      let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: max(0, end - start - number.count))
      file.replaceSubrange(start..<end, with: zeros + number.suffix(end - start))
    } else {
      file.replaceSubrange(start..<end, with: number)
    }
  }

  private mutating func replaceField(in file: inout [UInt8]) {
    guard file.count > 8 else { return }
    let width = [1, 2, 4, 8, 8].randomElement(using: &random) ?? 8
    let at = place(in: file) & ~1
    guard at + width <= file.count else { return }
    let value = Self.values.randomElement(using: &random) ?? 0
    let isBigEndian = Int.random(in: 0..<4, using: &random) == 0
    for byte in 0..<width {
      let shift = 8 * (isBigEndian ? width - 1 - byte : byte)
      file[at + byte] = UInt8(truncatingIfNeeded: value >> UInt64(shift))
    }
  }

  /// The ends of the types that numbers are read into, and their neighbours.
  private static let values: [UInt64] = [
    0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 32, 1 << 42,
    1 << 53, 1 << 61, .max / 2, 1 << 63, .max - 1, .max,
  ]

  private static let numbers: [String] =
    values.map { String($0) } + [
      "-1", "-9223372036854775808", "9999999999999999999", "18446744073709551616",
      "9900000000000000000", "4900000000000000000", "9999999999.999999",
      "99999999999999999999999999999999999999", "0.000001", "00000000000000000001",
    ]
}
