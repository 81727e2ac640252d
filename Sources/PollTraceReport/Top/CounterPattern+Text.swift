package import PollTrace

extension CounterPattern {
  /// What it looks like.
  package var explanation: String {
    switch self {
    case .abandoned: "nearly every poll is abandoned: other tasks want the CPU"
    case .justAboveCeiling: "hardly polls: most wake-ups come a little above the ceiling"
    case .neverOpen: "hardly polls: most waits outlast the ceiling"
    case .guestPolls:
      "hardly polls though waits are short: its guest polls, or it has its own ceiling"
    case .pollsThrough: "polls through most of its idle time"
    case .wasteful: "polls fail and cost much of a CPU"
    }
  }
}
