internal import PollTrace
internal import Synchronization

/// What all pages of a trace show together, found out while they are read.
///
/// Whether each CPU's begin one after the other in time, as they must to be cut into slices; and when
/// events were lost, which a reader of other CPUs' events must know beforehand. Looking at each page
/// before reading would cost as much again; where something is found, the trace is read again.
final class PageSurvey: Sendable {
  /// The pages of one CPU that one part of the trace has looked at, from `begin` up to and with
  /// `end`; `end` is their number where it came to the last one.
  struct Stretch: Hashable {
    var begin: Int
    var end: Int
    /// Whether none begins before the one that precedes it.
    var isInOrder: Bool
    /// Where events are missing before a page: the time of the last one before (nil where there is
    /// none) and the page's.
    var losses: [Loss] = []
    /// The time of the last event in them.
    var last: Timestamp?
  }
  struct Loss: Hashable {
    var after: Timestamp?
    var before: Timestamp
  }
  private struct State: ~Copyable {
    var stretches: [[Stretch]]
    var isBroken = false
    var losses = Losses()
  }
  private let state: Mutex<State>
  /// How many pages each CPU has; nil where their order is taken on trust, as that of compressed ones
  /// is.
  private let cpus: [(cpu: CPU, count: Int?)]
  /// Whether events are missing behind each CPU's last one.
  private let isCutOff: Bool

  init(_ cpus: [(cpu: CPU, count: Int?)], isCutOff: Bool = false) {
    self.cpus = cpus
    self.isCutOff = isCutOff
    state = Mutex(State(stretches: Array(repeating: [], count: cpus.count)))
  }

  /// Whether the pages were found out of order.
  var isBroken: Bool { state.withLock { $0.isBroken } }

  /// The losses that were found.
  var losses: Losses { state.withLock { $0.losses } }

  /// A part of the trace has looked at `stretches`, one a CPU.
  func note(_ stretches: [Stretch]) {
    state.withLock { state in
      for cpu in stretches.indices { state.stretches[cpu].append(stretches[cpu]) }
    }
  }

  /// Says of the trace, all of which was read since the last time, whether that was known before
  /// which it shows now.
  func settle() -> Bool {
    state.withLock { state in
      let before = (state.isBroken, state.losses)
      state.losses = Losses()
      for (index, (cpu, count)) in cpus.enumerated() {
        let stretches = state.stretches[index].sorted { $0.begin < $1.begin }
        if !Self.isKept(stretches, count) { state.isBroken = true }
        Self.add(stretches.flatMap(\.losses), on: cpu, to: &state.losses)
        if isCutOff, let last = stretches.compactMap(\.last).max() {
          state.losses.add(on: cpu, after: last, before: Timestamp(.max))
        }
      }
      state.stretches = Array(repeating: [], count: cpus.count)
      return before == (state.isBroken, state.losses)
    }
  }

  /// Whether all pages were looked at beside their neighbours, and each was in order.
  private static func isKept(_ stretches: [Stretch], _ count: Int?) -> Bool {
    guard let count else { return true }
    var reached = 0
    for stretch in stretches {
      guard stretch.isInOrder, stretch.begin <= reached else { return false }
      reached = max(reached, stretch.end)
    }
    return reached == count
  }

  /// Adds the losses of one CPU; two parts may have seen the same one.
  ///
  /// The one that read the page before as well knows the time best.
  private static func add(_ found: [Loss], on cpu: CPU, to losses: inout Losses) {
    var afters: [Timestamp: Timestamp?] = [:]
    for loss in found { afters[loss.before] = later(afters[loss.before] ?? nil, loss.after) }
    for (before, after) in afters.sorted(by: { $0.key < $1.key }) {
      losses.add(on: cpu, after: after, before: before)
    }
  }
}

/// The later of two moments, of which one may be unknown.
private func later(_ left: Timestamp?, _ right: Timestamp?) -> Timestamp? {
  guard let left, let right else { return left ?? right }
  return left < right ? right : left
}
