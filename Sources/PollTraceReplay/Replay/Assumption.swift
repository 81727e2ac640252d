/// What a prediction assumes where the recording leaves several answers.
package enum Assumption: Hashable, Sendable {
  /// What the recording makes most likely; `draw` numbers what chance decides.
  case likely(draw: UInt64)
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
  /// A task that went to sleep in front of the vCPU counts at its next halt more often, or less often.
  case sleepersStay
  case sleepersGo
  /// Every poll is cut short, or none: the scheduler places tasks otherwise.
  case allCutShort
  case noneCutShort

  /// The draw that a setting is chosen by.
  static let choosing = Assumption.likely(draw: 1)
  /// Other draws, whose mean is the prediction: what was chosen by one draw's chance has no share in
  /// theirs.
  static let predicting: [Assumption] = [.likely(draw: 2), .likely(draw: 3), .likely(draw: 4)]
}
