internal import PollTrace

/// The mark of figures from which events may be missing, and what it means.
///
/// Nothing is put in for what was lost: nobody measured it. So what is counted, or divided by the
/// whole time, may be too low, and everything else is about the halts that are there.
enum LossMark {
  /// Of ASCII: every terminal shows it.
  static let sign = "*"

  /// `name`, with the mark where events behind `figures` may be lost.
  static func marked(_ name: String, _ figures: Figures) -> String {
    marked(name, gaps: figures.gaps)
  }

  /// The same of figures with so many gaps.
  static func marked(_ name: String, gaps: UInt64) -> String {
    gaps > 0 ? "\(name) \(sign)" : name
  }

  /// How many gaps there are, as a sentence begins; nil where there is none.
  static func gaps(_ figures: Figures?) -> String? { gaps(figures?.gaps ?? 0) }

  /// The same of so many.
  static func gaps(_ gaps: UInt64) -> String? {
    guard gaps > 0 else { return nil }
    return
      "\(sign) \(Numbers.grouped(gaps)) \(gaps == 1 ? "gap" : "gaps") in which events may be lost"
  }

  /// What the mark means where the figures called `low` are shown; nil where nothing is marked.
  static func legend(_ figures: Figures?, low: String) -> String? {
    legend(gaps: figures?.gaps ?? 0, low: low)
  }

  /// The same of figures with so many gaps.
  static func legend(gaps: UInt64, low: String) -> String? {
    self.gaps(gaps).map {
      "\($0): \(low) lack what was lost and may be too low; all other figures leave the gaps out."
    }
  }
}
