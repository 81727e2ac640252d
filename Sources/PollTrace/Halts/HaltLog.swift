/// The halts of one vCPU one by one, in order: what a replay needs and figures do not.
///
/// Kept only where `TrackScope.keepsLog` asks for it: 40 bytes a halt. Logs of two parts of a trace
/// join.
package struct HaltLog: Hashable, Sendable {
  /// One halt.
  package struct Entry: Hashable, Sendable {
    package var woke: Timestamp
    package var block: Nanoseconds
    /// The window before and after, where the kernel moved it at this halt.
    package var moved: (old: UInt32, new: UInt32)?
    /// From the halt's begin to the switch away from the thread; nil where none was recorded.
    package var left: UInt32?
    /// From the waking to the traced wake-up; nil where no waking was recorded.
    package var latency: UInt32?
    package var ending: Halt.Ending
    package var waker: Halt.Waker
    /// Whether the CPU passed to another task, not to the idle task.
    package var leftToTask: Bool

    init(_ halt: Halt) {
      woke = halt.woke
      block = halt.block
      moved = halt.decision.map { ($0.old, $0.new) }
      if case .measured(let length) = halt.poll {
        left = UInt32(clamping: length.rawValue)
      } else {
        left = nil
      }
      latency = halt.wakeLatency.map { UInt32(clamping: $0.rawValue) }
      ending = halt.ending
      waker = halt.waker
      leftToTask = halt.successor.map { $0 != .idle } ?? false
    }

    package static func == (left: Self, right: Self) -> Bool {
      left.woke == right.woke && left.block == right.block
    }
    package func hash(into hasher: inout Hasher) { hasher.combine(woke) }
  }

  package private(set) var entries: [Entry] = []
  /// Where a stretch without losses begins, besides at 0.
  package private(set) var breaks: [Int] = []

  package init() {}

  /// Takes the vCPU's next halt in.
  package mutating func add(_ halt: Halt) { entries.append(Entry(halt)) }

  /// Halts may be missing here.
  package mutating func breakOff() {
    if breaks.last != entries.count { breaks.append(entries.count) }
  }

  /// Goes on with the log of a later part of the trace.
  package mutating func append(_ later: HaltLog) {
    breaks += later.breaks.map { $0 + entries.count }
    entries += later.entries
  }

  /// The stretches of halts without a loss between them.
  package var stretches: [Range<Int>] {
    let starts = [0] + breaks.filter { $0 > 0 && $0 < entries.count }
    return zip(starts, starts.dropFirst() + [entries.count]).map { $0..<$1 }
      .filter { !$0.isEmpty }
  }

  /// The window in force at each halt, in ns, of a VM with `ceiling` under `rules`.
  ///
  /// A decision tells the window on both of its sides. A stretch without any goes on with the
  /// window before it, or is closed.
  package func windows(ceiling: UInt32, rules: PollRules) -> [UInt32] {
    var windows: [UInt32] = []
    windows.reserveCapacity(entries.count)
    var window = PollWindow()
    for stretch in stretches {
      let first = entries[stretch].first { $0.moved != nil }
      if let old = first?.moved?.old { window.length = old }
      for entry in entries[stretch] {
        window.enter(ceiling: ceiling, rules: rules)
        windows.append(entry.moved?.old ?? window.length)
        if let moved = entry.moved { window.length = moved.new }
        if ceiling == 0 { window.length = 0 }
      }
    }
    return windows
  }
}
