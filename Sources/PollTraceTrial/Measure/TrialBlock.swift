package import PollTrace

/// A block of a trial.
package struct TrialBlock: Hashable, Sendable {
  package var round: Int
  /// 0 for the current setting, 1… for the candidates.
  package var setting: Int
  /// From here on it is measured, on the clock of the trial.
  package var begin: Timestamp
  package var measure: BlockMeasure
  /// The same by another source, to be shown beside it.
  package var counted: BlockMeasure?

  package init(
    round: Int, setting: Int, begin: Timestamp, measure: BlockMeasure, counted: BlockMeasure? = nil
  ) {
    (self.round, self.setting, self.begin) = (round, setting, begin)
    (self.measure, self.counted) = (measure, counted)
  }
}
