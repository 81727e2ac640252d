/// Which halts of a thread are logged where there are too many for a replay: runs of halts one after the
/// other, at even distances.
///
/// Distances are counted in halts, not in time: as many are kept of a burst as of the same number of halts
/// spread over an hour, so memory is bounded, and each part of the recording has its share.
package struct HaltSample: Hashable, Sendable {
  /// How many halts the thread has.
  private let halts: UInt64
  private let runs: UInt64
  /// The halts of a run.
  private let length: UInt64

  /// About `share` of `halts` halts; of fewer than 64 all.
  package init(of halts: UInt64, share: Double) {
    let wanted = min(halts, max(Self.least, UInt64(Double(halts) * min(1, max(0, share)))))
    self.halts = halts
    // A run loses what its first halt followed: short ones are worth little.
    runs = max(1, min(UInt64(RecordingSpan.samples), wanted / Self.shortest))
    length = wanted / runs
  }

  private static let (least, shortest) = (64 as UInt64, 32 as UInt64)

  /// How many halts that are.
  package var count: Int { Int(clamping: runs * length) }

  /// Whether the thread's halt with this number, counted from 0, is among them.
  func has(_ number: UInt64) -> Bool {
    guard number < halts else { return false }
    let run = number * runs / halts
    // The first number of that run: run · halts / runs, rounded up.
    return number - (run * halts + runs - 1) / runs < length
  }
}
