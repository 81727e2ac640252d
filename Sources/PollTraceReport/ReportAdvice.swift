package import PollTraceReplay

/// What a report says about other settings: a recommendation, or why there is none.
package enum ReportAdvice: Sendable {
  case recommendation(Recommendation)
  /// Of a guest's own polling.
  case guest(GuestRecommendation)
  /// Nothing was tried; why.
  case notAsked(String)

  /// The recommendation, where the recording carries one.
  package var given: Recommendation? {
    guard case .recommendation(let recommendation) = self else { return nil }
    if case .none = recommendation.verdict { return nil }
    return recommendation
  }

  /// The same of a guest's recording.
  package var givenToGuest: GuestRecommendation? {
    guard case .guest(let recommendation) = self else { return nil }
    if case .none = recommendation.verdict { return nil }
    return recommendation
  }

  /// Why there is none; nil where there is one.
  package var whyNot: String? {
    switch self {
    case .recommendation(let recommendation):
      given == nil ? Advice(recommendation).whyNot : nil
    case .guest(let recommendation):
      givenToGuest == nil ? GuestAdviceReport.whyNone(recommendation) : nil
    case .notAsked(let why): why
    }
  }
}
