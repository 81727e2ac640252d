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

  /// Counts a halt; of one whose window is not known only a successful poll.
  ///
  /// Only what counts is handed on, in registers: a copy of the halt would take longer than its count.
  @inline(__always)
  package mutating func add(_ windowed: borrowing WindowedHalt) {
    guard let end = windowed.pollEnd else { return }
    let block = windowed.halt.block
    let window = windowed.window.map { Nanoseconds(UInt64($0)) } ?? block
    switch end {
    case .success:
      addSuccessfulPoll(
        lasting: windowed.successfulPoll(in: window), isValid: windowed.halt.isValid,
        isCounted: windowed.effective.rules.lateWakeupIsSuccess
          || block <= window + Self.beforePolling)
    case .failed, .abandoned:
      counters.attemptedPolls += 1
      switch windowed.halt.poll {
      case .measured(let switched):
        addFailedPoll(
          until: switched, before: windowed.halt.successor, block: block, window: window)
      case .unmeasured:
        unmeasuredPolls.add(block: block, window: window)
      }
    case .notAttempted:
      guard windowed.halt.ending == .slept else { return }
      addWait(of: block)
      if case .measured(let way) = windowed.halt.poll {
        ends(before: windowed.halt.successor) { $0.addUnpolled(way) }
      }
    }
  }

  private mutating func addSuccessfulPoll(
    lasting poll: Nanoseconds, isValid: Bool, isCounted: Bool
  ) {
    counters.attemptedPolls += 1
    if isCounted { counters.successfulPolls += 1 }
    if !isValid { counters.invalidPolls += 1 }
    counters.successfulPollTime += poll
    counters.successfulPollHistogram.add(poll)
  }

  private mutating func addWait(of block: Nanoseconds) {
    counters.waitTime += block
    counters.waitHistogram.add(block)
  }

  /// Counts a poll in a window of `window`, at whose end, `switched` after the halt's begin, `successor`
  /// got the CPU.
  private mutating func addFailedPoll(
    until switched: Nanoseconds, before successor: ThreadID?, block: Nanoseconds,
    window: Nanoseconds
  ) {
    measured.count += 1
    measured.bound += min(window, block)
    if switched < window {
      ends(before: successor) { $0.addAbandoned(switched, window: window) }
      counters.waitTime += block
      counters.waitHistogram.add(block - (switched - PollEnds.typicalWay))
    } else if switched - window > PollEnds.longestWay {
      ends(before: successor) { $0.addOverrun(switched, window: window, block: block) }
    } else {
      ends(before: successor) { $0.addRanOut(switched - window) }
      counters.addFailedPoll(lasting: min(window + PollEnds.halfTurn, block), of: block)
    }
  }

  @inline(__always)
  private mutating func ends(
    before successor: ThreadID?, _ count: (inout PollEnds) -> Void
  ) {
    if ends.isEmpty { ends = [PollEnds(), PollEnds()] }
    count(&ends[successor == .idle ? 0 : 1])
  }

  /// Adds the account of another vCPU.
  package mutating func merge(_ other: PollAccount) {
    counters.merge(other.counters)
    if ends.isEmpty {
      ends = other.ends
    } else {
      for index in other.ends.indices { ends[index].merge(other.ends[index]) }
    }
    measured.count.add(other.measured.count)
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
