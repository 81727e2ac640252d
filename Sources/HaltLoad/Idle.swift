import ArgumentParser

/// What the guest does while there is nothing to do.
enum Idle: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// It halts.
  case halt
  /// It spins, as Linux does with idle=poll.
  case poll
  /// It polls for a while and then halts, as Linux does with the governor haltpoll.
  case haltpoll
}

/// Exits that KVM gives up: the guest keeps the CPU instead.
enum KeptExit: String, CaseIterable, ExpressibleByArgument, Sendable {
  case hlt
}
