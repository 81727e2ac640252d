/// What polling did in a number of halts whose window is known: counted halt by halt, and mergeable.
///
/// A poll that was given up before its window ran out shows only in when the thread was switched
/// out, so these are collected apart (`PollEnds`).
package struct PollAccount: Hashable, Sendable {
  /// Everything but the time of polls whose end only a switch tells.
  var counters = KernelCounters()
  /// Of CPUs that went idle behind the poll, and of those that ran another task; none before the
  /// first one that a switch measured.
  private var ends: [PollEnds] = []
  /// Failed polls that were measured, and the most they could have lasted.
  private var measured = Measured()
  /// Failed polls that were not.
  var unmeasuredPolls = UnmeasuredPolls()

  private struct Measured: Hashable {
    var count: UInt64 = 0
    var bound = Nanoseconds.zero
  }

  package init() {}

  /// Counts a halt that began with a window of `window` ns (already cut at the ceiling).
  package mutating func add(_ halt: Halt, window: UInt32, rules: PollRules) {
    let length = Nanoseconds(UInt64(window))
    switch halt.ending {
    case .polled where window != 0:
      counters.attemptedPolls += 1
      if rules.lateWakeupIsSuccess || halt.block <= length + Self.beforePolling {
        counters.successfulPolls += 1
      }
      if !halt.isValid { counters.invalidPolls += 1 }
      let poll = Self.successfulPoll(halt.block, window: length)
      counters.successfulPollTime += poll
      counters.successfulPollHistogram.add(poll)
    case .polled:
      break
    case .slept where window == 0:
      counters.waitTime += halt.block
      counters.waitHistogram.add(halt.block)
      if case .measured(let way) = halt.poll { ends(of: halt) { $0.addUnpolled(way) } }
    case .slept:
      counters.attemptedPolls += 1
      addFailedPoll(of: halt, window: length)
    }
  }

  /// How long a successful poll in a halt of `block` ns lasted, as KVM counts it.
  ///
  /// A wake-up between the poll's end and `schedule()` ends the halt a little later than the window,
  /// and KVM counts until the poll's end; one that is much later held up the poll itself.
  @inline(__always)
  static func successfulPoll(_ block: Nanoseconds, window: Nanoseconds) -> Nanoseconds {
    block > window && block - window <= lateWakeup ? window : block
  }

  private mutating func addFailedPoll(of halt: Halt, window: Nanoseconds) {
    if halt.poll != .unmeasured {
      measured.count += 1
      measured.bound += min(window, halt.block)
    }
    switch halt.poll {
    case .measured(let switched) where switched < window:
      ends(of: halt) { $0.addAbandoned(switched, window: window) }
      counters.waitTime += halt.block
      counters.waitHistogram.add(halt.block - (switched - PollEnds.typicalWay))
    case .measured(let switched) where switched - window > PollEnds.longestWay:
      ends(of: halt) { $0.addOverrun(switched, window: window, block: halt.block) }
    case .measured(let switched):
      ends(of: halt) { $0.addRanOut(switched - window) }
      counters.addFailedPoll(lasting: min(window + PollEnds.halfTurn, halt.block), of: halt.block)
    case .unmeasured:
      unmeasuredPolls.add(block: halt.block, window: window)
    }
  }

  @inline(__always)
  private mutating func ends(of halt: Halt, _ count: (inout PollEnds) -> Void) {
    if ends.isEmpty { ends = [PollEnds(), PollEnds()] }
    count(&ends[halt.successor == .idle ? 0 : 1])
  }

  /// From a poll's end to the last look for a wake-up before `schedule()`, at most, in ns.
  private static let lateWakeup: Nanoseconds = 4_000

  /// The account of halts whose window is known only now, and was the same for all of them.
  func settled(window: UInt32) -> PollAccount {
    var account = self
    for index in ends.indices { account.ends[index].settle(window: Nanoseconds(UInt64(window))) }
    return account
  }

  /// Adds another account.
  package mutating func merge(_ other: PollAccount) {
    counters.merge(other.counters)
    if ends.isEmpty {
      ends = other.ends
    } else {
      for index in other.ends.indices { ends[index].merge(other.ends[index]) }
    }
    measured.count += other.measured.count
    measured.bound += other.measured.bound
    unmeasuredPolls.merge(other.unmeasuredPolls)
  }
}

extension PollAccount {
  /// Polls that were given up before their window ran out.
  package struct Abandoned: Hashable, Sendable {
    package var count: UInt64
    /// The median of how long they lasted, in ns; nil where there are none.
    package var median: UInt64?
  }

  /// The abandoned polls that were measured.
  package var abandoned: Abandoned {
    var polls = Histogram()
    for (these, others) in zip(ends, ends.reversed()) {
      polls.merge(these.abandonedPolls(else: others))
    }
    return Abandoned(count: polls.count, median: polls.quantile(0.5))
  }

  /// KVM's counters, with the time of polls that were abandoned, or overran their window.
  package var kernelCounters: KernelCounters {
    var all = counters
    for (these, others) in zip(ends, ends.reversed()) { these.put(into: &all, else: others) }
    let bound = Double(max(1, measured.bound.rawValue))
    unmeasuredPolls.put(
      into: &all, measured: measured.count, share: Double(all.failedPollTime.rawValue) / bound)
    return all
  }

  /// Failed polls whose real length nothing tells.
  package var unmeasured: UInt64 { unmeasuredPolls.count }

  /// Between the two readings of the clock at a poll's begin.
  ///
  /// The halt counts from the first, the window from the second. 80 ns were seen on an emulated
  /// 5.10; a wake-up that came after the poll ends a halt some turns later.
  private static let beforePolling: Nanoseconds = 200
}
