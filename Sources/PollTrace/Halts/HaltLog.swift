/// The halts of one vCPU one by one, in order: what a replay needs and figures do not.
///
/// Kept only where `TrackScope.keeps` asks for it: 40 bytes a halt.
package struct HaltLog: Hashable, Sendable {
  /// One halt.
  package struct Entry: Hashable, Sendable {
    /// When its wake-up was traced.
    package var woke: Timestamp
    /// Up to 2⁵⁶ ns, two years; `Marks` in the bits above.
    @usableFromInline package var blockAndMarks: UInt64
    @usableFromInline package var shortWindow: UInt32
    @usableFromInline package var shortLeft: UInt32
    @usableFromInline package var shortLatency: UInt32
    /// How long it polled, in ns: for the replay, which finds it from all halts.
    package var polled: UInt32 = 0
    @usableFromInline package var shortPath: UInt32
    /// The CPU that it gave away, or where it polled.
    package var cpu: UInt16
    /// What had the CPU before the vCPU got it back; nil where nothing was recorded.
    package var entry: Halt.Entry.From?

    /// `halt`, at which a window of `window` ns was in force; nil where that is unknown.
    init(_ halt: Halt, window: UInt32?) {
      woke = halt.woke
      shortWindow = window ?? 0
      cpu = UInt16(clamping: (halt.leftCPU ?? halt.cpu).rawValue)
      entry = halt.entry?.from
      shortPath = UInt32(clamping: halt.entry?.path.rawValue ?? 0)
      shortLatency = UInt32(clamping: halt.wakeLatency?.rawValue ?? 0)
      blockAndMarks = min(halt.block.rawValue, Marks.block)
      if case .measured(let length) = halt.poll {
        shortLeft = UInt32(clamping: length.rawValue)
        blockAndMarks |= Marks.hasLeft
      } else {
        shortLeft = 0
      }
      if halt.ending == .slept { blockAndMarks |= Marks.slept }
      if window != nil { blockAndMarks |= Marks.hasWindow }
      if halt.wakeLatency != nil { blockAndMarks |= Marks.hasLatency }
      if halt.waker == .taskOnSameCPU { blockAndMarks |= Marks.wokenLocally }
      if let successor = halt.successor, successor != .idle { blockAndMarks |= Marks.leftToTask }
    }

    /// A guest's idle time with a limit of `limit` ns, nil where that is unknown, on CPU `cpu`.
    ///
    /// A halt's latency is known where an interrupt of another CPU ended it.
    init(_ idle: Idle, limit: UInt32?, cpu: CPU) {
      woke = idle.ended
      shortWindow = limit ?? 0
      self.cpu = UInt16(clamping: cpu.rawValue)
      shortPath = 0
      shortLatency = UInt32(clamping: idle.wakeLatency?.rawValue ?? 0)
      blockAndMarks = min(idle.length.rawValue, Marks.block)
      shortLeft = UInt32(clamping: idle.halted == nil ? 0 : idle.poll?.rawValue ?? 0)
      if idle.poll != nil, idle.halted != nil { blockAndMarks |= Marks.hasLeft }
      if idle.halted != nil { blockAndMarks |= Marks.slept }
      if limit != nil { blockAndMarks |= Marks.hasWindow }
      if idle.wakeLatency != nil { blockAndMarks |= Marks.hasLatency }
    }

    /// The bits of `blockAndMarks`.
    @usableFromInline package enum Marks {
      @inlinable package static var block: UInt64 { 1 << 56 - 1 }
      @inlinable package static var slept: UInt64 { 1 << 56 }
      @inlinable package static var hasWindow: UInt64 { 1 << 57 }
      @inlinable package static var hasLeft: UInt64 { 1 << 58 }
      @inlinable package static var hasLatency: UInt64 { 1 << 59 }
      @inlinable package static var leftToTask: UInt64 { 1 << 60 }
      @inlinable package static var wokenLocally: UInt64 { 1 << 61 }
    }

    @inlinable package func has(_ mark: UInt64) -> Bool { blockAndMarks & mark != 0 }

    private mutating func set(_ mark: UInt64, _ isSet: Bool) {
      if isSet { blockAndMarks |= mark } else { blockAndMarks &= ~mark }
    }

    /// How long it lasted, in ns.
    @inlinable package var block: UInt64 {
      get { blockAndMarks & Marks.block }
      set { blockAndMarks = min(newValue, Marks.block) | blockAndMarks & ~Marks.block }
    }
    @inlinable package var slept: Bool { has(Marks.slept) }
    /// The window in force, in ns; nil where it is unknown, as after lost events.
    @inlinable package var window: UInt32? { has(Marks.hasWindow) ? shortWindow : nil }
    /// From the halt's begin to the switch away from the thread, in ns; nil where none was recorded.
    @inlinable package var left: UInt32? { has(Marks.hasLeft) ? shortLeft : nil }
    /// From the waking to the traced wake-up, in ns; nil where no waking was recorded.
    @inlinable package var latency: UInt32? { has(Marks.hasLatency) ? shortLatency : nil }
    /// Whether a task on the CPU on which the vCPU had halted woke it.
    @inlinable package var wokenLocally: Bool { has(Marks.wokenLocally) }
    /// Whether the CPU passed to another task, not to the idle task.
    @inlinable package var leftToTask: Bool { has(Marks.leftToTask) }

    package mutating func set(window: UInt32?) {
      shortWindow = window ?? 0
      set(Marks.hasWindow, window != nil)
    }

    package mutating func set(latency: UInt32?) {
      shortLatency = latency ?? 0
      set(Marks.hasLatency, latency != nil)
    }
  }

  package var entries: [Entry] = []
  /// Where a stretch without losses begins, besides at 0.
  package private(set) var breaks: [Int] = []
  /// The span of a sample that has its last halt.
  var lastSpan: Int?

  /// An empty log with room for `count` halts.
  package init(room count: Int = 0) { entries.reserveCapacity(count) }

  /// Takes the vCPU's next halt in.
  package mutating func add(_ halt: WindowedHalt) {
    // A vCPU that was not allowed to poll did not.
    entries.append(Entry(halt.halt, window: halt.check == .refused ? 0 : halt.window))
  }

  /// Halts may be missing here.
  package mutating func breakOff() {
    if breaks.last != entries.count { breaks.append(entries.count) }
  }

  /// The stretches of halts without a loss between them.
  package var stretches: [Range<Int>] {
    let starts = [0] + breaks.filter { $0 > 0 && $0 < entries.count }
    return zip(starts, starts.dropFirst() + [entries.count]).map { $0..<$1 }
      .filter { !$0.isEmpty }
  }
}
