/// What KVM itself counted of the halts of one vCPU, or of several, since each was made.
///
/// linux include/linux/kvm_host.h `KVM_GENERIC_VCPU_STATS`, arch/x86/kvm/x86.c `halt_exits`. What the
/// kernel does not count, or a source does not show, is nil.
package struct HaltCounters: Hashable, Sendable {
  /// One number; times are in ns.
  package enum Count: Int, CaseIterable, Hashable, Sendable {
    /// HLT instructions that left the guest (x86). Those that KVM need not wait for are among them.
    case exits
    /// Halts that a wake-up ended after the vCPU had slept.
    case wakeups
    case attemptedPolls, successfulPolls, invalidPolls
    case successfulPollTime, failedPollTime
    /// Time asleep, after whatever poll there was.
    case waitTime

    /// The kernel's name of it.
    package var name: String {
      switch self {
      case .exits: "halt_exits"
      case .wakeups: "halt_wakeup"
      case .attemptedPolls: "halt_attempted_poll"
      case .successfulPolls: "halt_successful_poll"
      case .invalidPolls: "halt_poll_invalid"
      case .successfulPollTime: "halt_poll_success_ns"
      case .failedPollTime: "halt_poll_fail_ns"
      case .waitTime: "halt_wait_ns"
      }
    }

    /// Whether it is a length of time.
    package var isTime: Bool {
      switch self {
      case .successfulPollTime, .failedPollTime, .waitTime: true
      default: false
      }
    }
  }

  /// Lengths of polls that succeeded or failed, or of waits, in KVM's 32 buckets.
  package enum Spread: Int, CaseIterable, Hashable, Sendable {
    case successes, failures
    /// Time asleep, of halts that slept.
    case waits

    /// The kernel's name of it.
    package var name: String {
      switch self {
      case .successes: "halt_poll_success_hist"
      case .failures: "halt_poll_fail_hist"
      case .waits: "halt_wait_hist"
      }
    }
  }

  /// A word of each count, then 32 of each spread; of those that are not known they say nothing.
  private var words = [UInt64](repeating: 0, count: Self.allWords)
  /// Words of an earlier reading, from which these count: taken off where one is asked for, as most never are.
  private var base: [UInt64]?
  /// What is known: a bit of each count, and one of each spread.
  private var knownCounts: UInt8 = 0
  private var knownSpreads: UInt8 = 0

  private static let countWords = Count.allCases.count
  private static let spreadWords = 32
  private static let allWords = countWords + spreadWords * Spread.allCases.count

  package init() {}

  package subscript(count: Count) -> UInt64? {
    get {
      let place = count.rawValue
      guard knownCounts & Self.bit(place) != 0 else { return nil }
      guard let base else { return words[place] }
      return words[place] < base[place] ? nil : words[place] - base[place]
    }
    set {
      settle()
      let place = count.rawValue
      words[place] = newValue ?? 0
      Self.set(Self.bit(place), newValue != nil, in: &knownCounts)
    }
  }

  package subscript(spread: Spread) -> LogHistogram? {
    get {
      guard knownSpreads & Self.bit(spread.rawValue) != 0 else { return nil }
      let places = Self.places(of: spread)
      let now = LogHistogram(words[places])
      guard let base else { return now }
      return now.since(LogHistogram(base[places]))
    }
    set {
      settle()
      let lengths = newValue ?? LogHistogram()
      for (bucket, place) in Self.places(of: spread).enumerated() {
        words[place] = lengths[bucket: bucket]
      }
      Self.set(Self.bit(spread.rawValue), newValue != nil, in: &knownSpreads)
    }
  }

  /// Takes `counts`, 32 of them, as those of `spread`.
  package mutating func take(_ counts: Span<UInt64>, as spread: Spread) {
    settle()
    // Borrowed once: an array asks at each change whether somebody else has it, too.
    var words = words.mutableSpan
    let first = Self.places(of: spread).lowerBound
    for bucket in counts.indices { words[first + bucket] = counts[bucket] }
    knownSpreads |= Self.bit(spread.rawValue)
  }

  private static func places(of spread: Spread) -> Range<Int> {
    let number = spread.rawValue
    let first = countWords + spreadWords * number
    return first..<first + spreadWords
  }

  private static func bit(_ place: Int) -> UInt8 { 1 << UInt8(place) }

  private static func set(_ bit: UInt8, _ isSet: Bool, in bits: inout UInt8) {
    bits = isSet ? bits | bit : bits & ~bit
  }

  /// Takes off what these count from.
  private mutating func settle() {
    guard base != nil else { return }
    var settled = HaltCounters()
    for count in Count.allCases { settled[count] = self[count] }
    for spread in Spread.allCases { settled[spread] = self[spread] }
    self = settled
  }

  /// What was counted since `earlier`; nil where that is not known, or where it counts from anew.
  package func since(_ earlier: HaltCounters) -> HaltCounters {
    var (difference, earlier) = (self, earlier)
    difference.settle()
    earlier.settle()
    difference.base = earlier.words
    difference.keep(what: earlier)
    return difference
  }

  /// Adds another's; nil where one of them is not known.
  package mutating func add(_ other: HaltCounters) {
    var other = other
    other.settle()
    settle()
    keep(what: other)
    Self.add(other.words, to: &words)
  }

  /// Knows no more than `other` knows.
  private mutating func keep(what other: HaltCounters) {
    knownCounts &= other.knownCounts
    knownSpreads &= other.knownSpreads
  }

  private static func add(_ other: [UInt64], to words: inout [UInt64]) {
    var words = words.mutableSpan
    for place in other.indices { words[place].add(other[place]) }
  }

  /// The sums of both; nil where one of them is not known.
  package func plus(_ other: HaltCounters) -> HaltCounters {
    var sum = self
    sum.add(other)
    return sum
  }

  /// The sums of several; nil where there is none.
  package static func sum(of all: [HaltCounters]) -> HaltCounters? {
    guard var sum = all.first else { return nil }
    for counters in all.dropFirst() { sum.add(counters) }
    return sum
  }

  package static func == (left: Self, right: Self) -> Bool {
    Count.allCases.allSatisfy { left[$0] == right[$0] }
      && Spread.allCases.allSatisfy { left[$0] == right[$0] }
  }

  package func hash(into hasher: inout Hasher) {
    for count in Count.allCases { hasher.combine(self[count]) }
    for spread in Spread.allCases { hasher.combine(self[spread]) }
  }
}

extension HaltCounters {
  /// Time in polls, whatever came of them.
  package var pollTime: UInt64? {
    guard let successful = self[.successfulPollTime], let failed = self[.failedPollTime] else {
      return nil
    }
    return successful.plus(failed)
  }

  /// Halts, polled or slept: known where waits are shown by length.
  package var halts: UInt64? {
    guard let polled = self[.successfulPolls], let waits = self[.waits] else { return nil }
    return polled.plus(waits.total)
  }

  /// The share of halts that a poll ended; nil where there is none.
  package var polledShare: Double? {
    guard let halts, halts > 0, let polled = self[.successfulPolls] else { return nil }
    return Double(polled) / Double(halts)
  }
}
