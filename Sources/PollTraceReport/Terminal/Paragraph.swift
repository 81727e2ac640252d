/// Text in lines of a given width.
enum Paragraph {
  /// How far the text of a field stands from the left.
  private static let indent = 11

  /// `name` and behind it `text`, whose further lines stand below its first one.
  static func field(_ name: String, _ text: String, width: Int) -> [String] {
    let title = "  \(name)"
    let gap = String(repeating: " ", count: max(1, indent - title.columns))
    return lines(title + gap, text, indent: indent, width: width)
  }

  /// `first` and behind it `text` in lines of `width`.
  ///
  /// Lines are broken at spaces; later ones are indented by `indent`. A word that is wider than a line stays
  /// whole.
  static func lines(_ first: String, _ text: String, indent: Int, width: Int) -> [String] {
    var lines: [String] = []
    var (line, isEmpty) = (first, true)
    for word in unbroken(text) {
      if !isEmpty, line.columns + 1 + word.columns > width {
        lines.append(line)
        (line, isEmpty) = (String(repeating: " ", count: indent), true)
      }
      line += isEmpty ? word : " \(word)"
      isEmpty = false
    }
    return lines + [line]
  }

  /// The words of `text`; a number stays with its unit.
  private static func unbroken(_ text: String) -> [String] {
    var words: [String] = []
    for word in text.split(whereSeparator: \.isWhitespace).map(String.init) {
      let unit = word.prefix { $0 == "%" || $0.isLetter }
      if ["%", "ns", "µs", "ms", "s"].contains(unit), words.last?.last?.isNumber == true {
        words[words.count - 1] += " \(word)"
      } else {
        words.append(word)
      }
    }
    return words
  }
}
