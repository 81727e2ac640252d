/// Text as the operating system has it: bytes in no promised encoding, as paths and arguments are.
///
/// A `String` of such bytes repairs what is not UTF-8, and then names another file.
package struct OSString: Hashable, Sendable {
  /// Without the NUL that ends them in C.
  package let bytes: [UInt8]

  package init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  package init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  package static func + (left: Self, right: String) -> Self { Self(bytes: left.bytes + right.utf8) }

  /// The bytes as text for comparing with other text; what is not UTF-8 is replaced.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The bytes for people: what is not UTF-8, and what would not show or would steer a terminal, is
  /// written as `\xNN`, byte by byte.
  package var shown: String {
    written({ $0.isShown }) { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }
  }

  /// The bytes as one word of a shell's command line (bash, zsh, ksh and POSIX of 2024 read `$'…'`).
  ///
  /// A byte is three octal digits, no more and no fewer: after `\x` some shells take every digit that
  /// follows.
  package var quoted: String {
    // A word that begins with a hyphen would be taken for an option.
    let word = bytes.first == UInt8(ascii: "-") ? Self(bytes: Array("./".utf8) + bytes) : self
    let plain = word.text.unicodeScalars.allSatisfy { $0.isASCII && $0.isPlainInShell }
    if plain, !word.bytes.isEmpty { return word.text }
    let isShown = word.shown.utf8.elementsEqual(word.bytes)
    if isShown {
      // By scalars: a mark that combines with an apostrophe does not hide it from a shell.
      return word.text.unicodeScalars.reduce(into: "'") { word, scalar in
        if scalar == "'" { word += "'\\''" } else { word.unicodeScalars.append(scalar) }
      } + "'"
    }
    return "$'"
      + word.written({ $0.isShown && $0 != "'" && $0 != "\\" }) { byte in
        let digits = String(byte, radix: 8)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      } + "'"
  }

  /// The bytes with each that is not part of a scalar that `isKept` as it is `escaped`.
  private func written(
    _ isKept: (Unicode.Scalar) -> Bool, _ escaped: (UInt8) -> String
  ) -> String {
    pieces.reduce(into: "") { line, piece in
      if let scalar = piece.scalar, isKept(scalar) {
        line.unicodeScalars.append(scalar)
      } else {
        for byte in piece.bytes { line += escaped(byte) }
      }
    }
  }

  /// Scalars with their bytes; a byte that belongs to none stands alone.
  private var pieces: [(scalar: Unicode.Scalar?, bytes: ArraySlice<UInt8>)] {
    var pieces: [(scalar: Unicode.Scalar?, bytes: ArraySlice<UInt8>)] = []
    var rest = bytes[...]
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
      let part = rest.prefix(length)
      let scalar = String(validating: part, as: UTF8.self).flatMap { text in
        text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
      }
      pieces.append((scalar, scalar == nil ? rest.prefix(1) : part))
      rest = rest.dropFirst(scalar == nil ? 1 : part.count)
    }
    return pieces
  }
}

extension OSString: ExpressibleByStringInterpolation {
  package init(stringLiteral text: String) { self.init(text) }
}

/// Carrying bytes through code that knows strings only, as a parser of arguments does.
///
/// A byte that is no part of UTF-8 becomes a scalar of the last private-use plane; so do the bytes of
/// those scalars themselves, so that any two texts stay two.
extension OSString {
  private static let carriers: ClosedRange<UInt32> = 0x10_fe80...0x10_feff

  /// The bytes as a string that `init(carried:)` makes the same bytes of; equal to `text` where that
  /// is UTF-8.
  package var carried: String {
    pieces.reduce(into: "") { text, piece in
      if let scalar = piece.scalar, !Self.carriers.contains(scalar.value) {
        text.unicodeScalars.append(scalar)
      } else {
        let base = Self.carriers.lowerBound - 0x80
        for byte in piece.bytes {
          if let scalar = Unicode.Scalar(base + UInt32(byte)) { text.unicodeScalars.append(scalar) }
        }
      }
    }
  }

  package init(carried text: String) {
    self.init(
      bytes: text.unicodeScalars.flatMap { scalar in
        guard Self.carriers.contains(scalar.value) else { return Array(String(scalar).utf8) }
        return [UInt8(truncatingIfNeeded: scalar.value - Self.carriers.lowerBound + 0x80)]
      })
  }
}

extension Unicode.Scalar {
  /// Whether it shows as what it is and does not steer a terminal.
  var isShown: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      false
    default: true
    }
  }

  /// Whether no shell gives it a meaning.
  fileprivate var isPlainInShell: Bool {
    properties.isAlphabetic || ("0"..."9").contains(self)
      || "_@%+=:,./-".unicodeScalars.contains(self)
  }
}
