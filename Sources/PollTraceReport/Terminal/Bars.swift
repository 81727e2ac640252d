package import PollTrace

/// A histogram drawn with letters: a line a bucket.
package struct Bars: Hashable {
  /// Which characters the place can show, and how wide it is.
  package struct Style: Hashable, Sendable {
    package var width: Int
    /// Files have room for the widest table.
    package var tableWidth: Int
    package var isUnicode: Bool
    /// Whether headings may be bold (ECMA-48).
    package var isColoured: Bool
    package init(
      width: Int = 80, tableWidth: Int = .max, isUnicode: Bool = true, isColoured: Bool = false
    ) {
      self.width = width
      self.tableWidth = tableWidth
      self.isUnicode = isUnicode
      self.isColoured = isColoured
    }
  }

  /// The lines for `histogram`, two buckets an octave.
  package static func lines(_ histogram: Histogram, _ style: Style, indent: Int = 2) -> [String] {
    let buckets = withoutGaps(histogram.buckets(perOctave: 2))
    let most = buckets.map(\.count).max() ?? 0
    guard most > 0 else { return [] }
    var labels = Table([])
    for bucket in buckets {
      labels.add([
        "\(Numbers.time(bucket.from))", Numbers.grouped(bucket.count),
        Numbers.percent(Double(bucket.count) / Double(histogram.count)),
      ])
    }
    let texts = Array(labels.lines(indent: indent).dropFirst())
    let margin = (texts.map(\.columns).max() ?? 0) + 1
    let room = max(10, style.width - margin - 1)
    return zip(texts, buckets).map { text, bucket in
      let bar = bar(Double(bucket.count) / Double(most) * Double(room), style.isUnicode)
      let gap = String(repeating: " ", count: margin - text.columns)
      return bar.isEmpty ? text : text + gap + bar
    }
  }

  /// The buckets without stretches of empty ones, of which one is left.
  private static func withoutGaps(_ buckets: [Histogram.Bucket]) -> [Histogram.Bucket] {
    var kept: [Histogram.Bucket] = []
    for bucket in buckets where bucket.count > 0 || kept.last.map({ $0.count > 0 }) ?? true {
      kept.append(bucket)
    }
    return kept
  }

  /// A bar `length` cells long, in eighths of a cell where the place shows them.
  static func bar(_ length: Double, _ isUnicode: Bool) -> String {
    guard isUnicode else {
      return String(
        repeating: "#", count: max(length > 0 ? 1 : 0, Int(Int64(saturating: length.rounded()))))
    }
    let eighths = max(length > 0 ? 1 : 0, Int(Int64(saturating: (length * 8).rounded())))
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    return String(repeating: "█", count: eighths / 8) + rest
  }
}
