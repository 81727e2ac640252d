internal import Synchronization

/// Whether each CPU's pages begin one after the other in time, as they must to be cut into slices:
/// found out while they are read, as looking at each page beforehand would cost as much again.
final class PageOrder: Sendable {
  /// The pages of one CPU that one part of the trace has looked at, from `begin` up to and with
  /// `end`; `end` is their number where it came to the last one.
  struct Stretch: Hashable {
    var begin: Int
    var end: Int
    /// Whether none begins before the one that precedes it.
    var isInOrder: Bool
  }
  private struct State: ~Copyable {
    var stretches: [[Stretch]]
    var isBroken = false
  }
  private let state: Mutex<State>
  /// How many pages each CPU has; nil where their order is taken on trust, as that of compressed ones
  /// is.
  private let counts: [Int?]

  init(counts: [Int?]) {
    self.counts = counts
    state = Mutex(State(stretches: Array(repeating: [], count: counts.count)))
  }

  /// Whether the pages were found out of order.
  var isBroken: Bool { state.withLock { $0.isBroken } }

  /// A part of the trace has looked at `stretches`, one a CPU.
  func note(_ stretches: [Stretch]) {
    state.withLock { state in
      for cpu in stretches.indices { state.stretches[cpu].append(stretches[cpu]) }
    }
  }

  /// Says of the trace, all of which was read since the last time, whether its pages are in order:
  /// all were looked at beside their neighbours, and each was.
  func isFoundKept() -> Bool {
    state.withLock { state in
      for cpu in counts.indices where !Self.isKept(state.stretches[cpu], counts[cpu]) {
        state.isBroken = true
      }
      state.stretches = Array(repeating: [], count: counts.count)
      return !state.isBroken
    }
  }

  private static func isKept(_ stretches: [Stretch], _ count: Int?) -> Bool {
    guard let count else { return true }
    var reached = 0
    for stretch in stretches.sorted(by: { $0.begin < $1.begin }) {
      guard stretch.isInOrder, stretch.begin <= reached else { return false }
      reached = max(reached, stretch.end)
    }
    return reached == count
  }
}
