/// The time of one trace, cut into blocks that all its vCPUs share.
///
/// Chance is estimated from the spread over these blocks: what the vCPUs have in common, as a burst of
/// load, falls into the same block of each.
package struct RecordingSpan: Hashable, Sendable {
  /// The trace's place among those that are replayed together.
  package let number: Int
  /// The first event and the last, on the trace's clock, less what filters leave out.
  package let begin: Timestamp
  package let end: Timestamp
  /// Parameters that were set until then are known: those of before a trial are restored behind the last event.
  package let until: Timestamp

  /// `until` is `end` where it is nil.
  package init(number: Int = 0, begin: Timestamp, end: Timestamp, until: Timestamp? = nil) {
    self.number = number
    self.begin = begin
    self.end = max(begin, end)
    self.until = max(self.end, until ?? end)
  }

  /// Into how many blocks a recording is cut; each half of it has half of them.
  package static let blocks = 20
  /// Over how many places a sample of a vCPU's halts is spread: under an even load as many in each block.
  package static let samples = 4 * blocks
}
