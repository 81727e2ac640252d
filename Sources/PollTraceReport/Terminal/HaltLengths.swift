internal import PollTrace

/// The lengths of halts in a few bands: one histogram of all vCPUs.
struct HaltLengths {
  private struct Band {
    var from: UInt64
    var to: UInt64
    var count: UInt64
  }

  private let bands: [Band]
  private let count: UInt64

  /// Bands with fewer than this share of the halts are joined with the next ones.
  private static let least = 0.03
  private static let most = 10

  init(_ histogram: Histogram) {
    count = histogram.count
    let fine = Self.joined(histogram.buckets(perOctave: 2), of: histogram.count)
    bands =
      fine.count <= Self.most
      ? fine : Self.joined(histogram.buckets(perOctave: 1), of: histogram.count)
  }

  private static func joined(_ buckets: [Histogram.Bucket], of count: UInt64) -> [Band] {
    let limit = Double(count) * least
    var bands: [Band] = []
    for bucket in buckets {
      let isSmall = Double(bucket.count) < limit
      if isSmall, let last = bands.last, Double(last.count) < limit {
        bands[bands.count - 1].to = bucket.to
        bands[bands.count - 1].count = bands[bands.count - 1].count.plus(bucket.count)
      } else {
        bands.append(Band(from: bucket.from, to: bucket.to, count: bucket.count))
      }
    }
    return bands
  }

  /// A line a band; `limit` is marked where it lies.
  func lines(_ style: Bars.Style, limit: UInt32?) -> [String] {
    let most = bands.map(\.count).max() ?? 0
    guard most > 0 else { return [] }
    var labels = Table([])
    for (place, band) in bands.enumerated() {
      let share = Numbers.percent(Double(band.count) / Double(count))
      labels.add([label(band, place), share])
    }
    let texts = labels.lines().dropFirst()
    let mark = "  \(style.isUnicode ? "←" : "<-") limit \(limit.shown(Numbers.exactTime))"
    let margin = (texts.map(\.columns).max() ?? 0) + 2
    let room = max(10, style.width - margin - mark.columns)
    return zip(texts, bands).map { text, band in
      let bar = Bars.bar(Double(band.count) / Double(most) * Double(room), style.isUnicode)
      let isAtLimit = limit.map { $0 > 0 && band.from <= $0 && $0 < band.to } ?? false
      let gap = String(repeating: " ", count: margin - text.columns)
      let line = text + (bar.isEmpty ? "" : gap + bar)
      return isAtLimit ? line + mark : line
    }
  }

  private func label(_ band: Band, _ place: Int) -> String {
    if bands.count == 1 { return "\(Numbers.time(band.from)) to \(Numbers.time(band.to))" }
    if place == 0 { return "under \(Numbers.time(band.to))" }
    return place + 1 == bands.count
      ? "over \(Numbers.time(band.from))"
      : "\(Numbers.time(band.from)) to \(Numbers.time(band.to))"
  }
}
