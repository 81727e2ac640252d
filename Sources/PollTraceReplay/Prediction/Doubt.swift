/// What an interval's width is due to, in the figure's unit: what would narrow it.
package struct Doubt: Hashable, Sendable {
  /// Chance, and what few halts show: a longer recording narrows it.
  package internal(set) var recording = 0.0
  /// Events that the recording lacks would.
  package internal(set) var events = 0.0
  /// No recording of this setting does: hidden wake events, where tasks are placed, what the model misses.
  package internal(set) var nothing = 0.0

  package var width: Double { recording + events + nothing }

  enum Kind: Hashable, Sendable {
    case recording
    case events
    case nothing
  }

  init() {}

  /// Of an interval that is `width` wide.
  ///
  /// Reasons overlap in it: each has a part in proportion to how far it reaches alone.
  init(_ reach: [Kind: Double], width: Double) {
    let (recording, events) = (reach[.recording] ?? 0, reach[.events] ?? 0)
    let nothing = reach[.nothing] ?? 0
    // In one order: sums of other orders differ in their last digit.
    let all = recording + events + nothing
    guard all > 0, width.isFinite else { return }
    self.recording = recording / all * width
    self.events = events / all * width
    self.nothing = nothing / all * width
  }
}

/// Why a replay has to guess when other tasks want a vCPU's CPU.
package enum ContentionGap: Hashable, Sendable {
  /// More times of other tasks than are kept: there are few enough in so many ns from the beginning on.
  case tooMany(fit: UInt64)
  /// Switches between idle and any task were not recorded.
  case notRecorded
  /// They were to be recorded, and there was none: no CPU was idle while another task came.
  case neverIdle
  /// They were, and the times of halts are damaged.
  case damagedTimes
}

extension VCPUReplay {
  /// What would narrow the interval that each assumption makes.
  var doubts: [Assumption: Doubt.Kind] {
    var kinds: [Assumption: Doubt.Kind] = [:]
    for assumption in bounds + placements {
      kinds[assumption] =
        switch assumption {
        case .slower, .faster: lacksWakings ? .events : .recording
        case .otherSource, .quickAfterPoll, .sleepersStay, .sleepersGo: .recording
        case .allCutShort, .noneCutShort: guessesContention ? .events : .nothing
        case .denser, .split, .otherService, .likely: .nothing
        }
    }
    return kinds
  }
}
