/// What a prediction supposes where the recording leaves several answers.
///
/// The first three differ in chance alone, and their mean is the prediction; the others bound it.
package enum Scenario: Hashable, Sendable {
  /// What the recording makes most likely; `seed` is chance.
  case likely(seed: UInt64)
  /// Hidden wake events are more frequent than the fit finds.
  case denser
  /// Gaps whose middle nobody saw were two.
  case split
  /// The guest's own requests drive it, or outer events, where the recording does not decide.
  case otherSource
  /// Wake-ups take two standard errors longer, or less.
  case slower
  case faster
  /// After a poll the guest runs as shortly as it ever did; nobody saw it wake from one.
  case quickAfterPoll
  /// Events that come while the guest runs cost it time, or do not: what is not likely.
  case otherService
  /// Every poll is abandoned, or none: the scheduler places tasks otherwise.
  case allAbandoned
  case noneAbandoned

  /// The seeds whose mean is the prediction.
  static let likely: [Scenario] = [.likely(seed: 1), .likely(seed: 2), .likely(seed: 3)]
}
