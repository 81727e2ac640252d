extension String {
  /// How many columns of a terminal the text takes: two for each wide character (UAX #11, East Asian
  /// Width W and F), none for marks that combine with what stands before them.
  var columns: Int {
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
    return unicodeScalars.allSatisfy(Self.isSingle)
      ? unicodeScalars.count
      : reduce(0) { $0 + ($1.unicodeScalars.first.map(Self.columns) ?? 0) }
  }

  /// Whether `scalar` is one column, by its block alone: Latin, dashes and ellipses, signs of mathematics.
  private static func isSingle(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ..<0x300, 0x2010...0x2027, 0x2200...0x22ff: true
    default: false
    }
  }

  /// The text, or as much of its begin as `width` columns have room for beside an ellipsis.
  func clipped(to width: Int) -> String {
    guard columns > width else { return self }
    var (text, left) = ("", width - 1)
    for character in self {
      left -= String(character).columns
      guard left >= 0 else { break }
      text.append(character)
    }
    return text + "…"
  }

  private static func columns(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    return wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }

  /// Blocks whose characters are wide, from Unicode's EastAsianWidth.txt; single ones are left out.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0xa4cf,
    0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f,
    0xff01...0xff60, 0xffe0...0xffe6, 0x1_f300...0x1_f64f, 0x1_f900...0x1_f9ff,
    0x2_0000...0x3_fffd,
  ]
}
