/// The halts of one vCPU one by one, in order: what a replay needs and figures do not.
///
/// Kept only where `TrackScope.keeps` asks for it: 32 bytes a halt. Logs of two parts of a trace join.
package struct HaltLog: Hashable, Sendable {
  /// One halt.
  package struct Entry: Hashable, Sendable {
    package let woke: Timestamp
    /// Up to 2⁵⁶ ns, two years; `Marks` in the bits above.
    private let blockAndMarks: UInt64
    private let oldWindow: UInt32
    private let newWindow: UInt32
    private let shortLeft: UInt32
    private let shortLatency: UInt32

    private struct Marks: OptionSet {
      var rawValue: UInt64
      static let slept = Marks(rawValue: 1)
      static let isMoved = Marks(rawValue: 2)
      static let hasLeft = Marks(rawValue: 4)
      static let hasLatency = Marks(rawValue: 8)
      static let leftToTask = Marks(rawValue: 16)
      static let wokenLocally = Marks(rawValue: 32)
    }
    private static let blockBits = 56

    init(_ halt: Halt) {
      woke = halt.woke
      var marks: Marks = []
      if halt.ending == .slept { marks.insert(.slept) }
      if halt.decision != nil { marks.insert(.isMoved) }
      if halt.wakeLatency != nil { marks.insert(.hasLatency) }
      if halt.waker == .taskOnSameCPU { marks.insert(.wokenLocally) }
      if let successor = halt.successor, successor != .idle { marks.insert(.leftToTask) }
      if case .measured(let length) = halt.poll {
        marks.insert(.hasLeft)
        shortLeft = UInt32(clamping: length.rawValue)
      } else {
        shortLeft = 0
      }
      (oldWindow, newWindow) = halt.decision.map { ($0.old, $0.new) } ?? (0, 0)
      shortLatency = UInt32(clamping: halt.wakeLatency?.rawValue ?? 0)
      let block = min(halt.block.rawValue, 1 << Self.blockBits - 1)
      blockAndMarks = block | marks.rawValue << Self.blockBits
    }

    private var marks: Marks { Marks(rawValue: blockAndMarks >> Self.blockBits) }
    package var block: Nanoseconds {
      Nanoseconds(blockAndMarks & (1 << Self.blockBits - 1))
    }
    package var ending: Halt.Ending { marks.contains(.slept) ? .slept : .polled }
    /// The window before and after, where the kernel moved it at this halt.
    package var moved: (old: UInt32, new: UInt32)? {
      marks.contains(.isMoved) ? (oldWindow, newWindow) : nil
    }
    /// From the halt's begin to the switch away from the thread; nil where none was recorded.
    package var left: UInt32? { marks.contains(.hasLeft) ? shortLeft : nil }
    /// From the waking to the traced wake-up; nil where no waking was recorded.
    package var latency: UInt32? { marks.contains(.hasLatency) ? shortLatency : nil }
    /// Whether a task on the CPU on which the vCPU had halted woke it.
    package var wokenLocally: Bool { marks.contains(.wokenLocally) }
    /// Whether the CPU passed to another task, not to the idle task.
    package var leftToTask: Bool { marks.contains(.leftToTask) }
  }

  package private(set) var entries: [Entry] = []
  /// Where a stretch without losses begins, besides at 0.
  package private(set) var breaks: [Int] = []

  /// An empty log with room for `count` halts.
  package init(room count: Int = 0) { entries.reserveCapacity(count) }

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
