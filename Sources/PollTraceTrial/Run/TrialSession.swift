package import PollTrace

/// What a trial works on: a machine, or one that is only calculated.
package protocol TrialHost {
  associatedtype Failure: Error
  /// Now, on the clock of the trial.
  var now: Timestamp { get }
  /// Puts setting `number` in force: 0 for that of before, 1… for the candidates.
  mutating func set(_ number: Int) throws(Failure)
  /// The setting has settled: from now on it is measured.
  mutating func begin() throws(Failure)
  /// What was measured since `begin`, and the same by another source where there is one.
  mutating func measure() throws(Failure) -> (measure: BlockMeasure, counted: BlockMeasure?)
}

/// A trial from its first block to its last: what is in force when, and what was measured.
///
/// A candidate that has been shown to do harm is not tried again; where all have, the trial is over.
package struct TrialSession: Sendable {
  private enum Phase {
    case before
    case settling(until: Timestamp)
    case measuring(since: Timestamp, until: Timestamp)
    case over
  }

  package let design: TrialDesign
  package private(set) var judge: TrialJudge
  package private(set) var blocks: [TrialBlock] = []
  private var phase = Phase.before
  /// The blocks to come; the first is the one at work.
  private var coming: [(round: Int, setting: Int)]
  private var round: [BlockMeasure?]

  package init(_ design: TrialDesign, _ judge: TrialJudge) {
    (self.design, self.judge) = (design, judge)
    round = Array(repeating: nil, count: design.settings)
    coming = design.rounds.enumerated().flatMap { number, order in
      order.map { (round: number, setting: $0) }
    }
  }

  /// Does what is due.
  ///
  /// - Returns: When the next is due; nil where the trial is over.
  package mutating func step<Host: TrialHost>(
    _ host: inout Host
  ) throws(Host.Failure) -> Timestamp? {
    while true {
      switch phase {
      case .before:
        guard let next = coming.first else {
          phase = .over
          continue
        }
        try host.set(next.setting)
        phase = .settling(until: host.now + design.settling)
      case .settling(let until):
        guard host.now >= until else { return until }
        try host.begin()
        phase = .measuring(
          since: host.now, until: host.now + (design.block - design.settling))
      case .measuring(let since, let until):
        guard host.now >= until else { return until }
        let (measure, counted) = try host.measure()
        take(measure, counted, since: since)
        phase = .before
      case .over: return nil
      }
    }
  }

  private mutating func take(
    _ measure: BlockMeasure, _ counted: BlockMeasure?, since: Timestamp
  ) {
    let done = coming.removeFirst()
    blocks.append(
      TrialBlock(
        round: done.round, setting: done.setting, begin: measure.begin ?? since, measure: measure,
        counted: counted))
    round[done.setting] = measure
    guard coming.first?.round != done.round else { return }
    judge.take(round)
    round = Array(repeating: nil, count: design.settings)
    let harmful = (1..<design.settings).filter { judge.harm(of: $0) != nil }
    coming =
      harmful.count == design.settings - 1 ? [] : coming.filter { !harmful.contains($0.setting) }
  }

  /// The round that is at work, from 1 on.
  package var roundNumber: Int { (coming.first?.round ?? design.rounds.count - 1) + 1 }
  /// The setting that is tried now; nil where the trial is over.
  package var setting: Int? { coming.first?.setting }
  /// Whether all of what was planned was measured, or harm ended it.
  package var isOver: Bool { coming.isEmpty }

  /// How long it will go on at `now`, without early ends.
  package func left(at now: Timestamp) -> Nanoseconds {
    let further = design.block.times(UInt64(max(0, coming.count - 1)))
    switch phase {
    case .before: return design.block.times(UInt64(coming.count))
    case .settling(let until): return (until - now) + (design.block - design.settling) + further
    case .measuring(_, let until): return (until - now) + further
    case .over: return .zero
    }
  }

  package var verdict: TrialVerdict { judge.verdict(round: design.round) }
}
