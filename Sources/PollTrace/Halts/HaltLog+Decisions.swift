/// Windows from the decisions that a log holds until it is whole.
///
/// Until then an entry with a decision has the window before it as `window`, and the one after it as
/// `polled`; one without has neither.
extension HaltLog {
  /// Takes the vCPU's next halt in, with its decision.
  mutating func addUndecided(_ halt: Halt) {
    add(WindowedHalt(halt, window: halt.decision?.old, left: halt.decision?.new))
    if let new = halt.decision?.new { entries[entries.count - 1].polled = new }
  }

  /// Puts in the window in force at each halt of a VM with `settings`.
  ///
  /// A decision tells the window on both of its sides. The first halt of a stretch may have lost its
  /// decision. A stretch without any goes on with the window before it.
  package mutating func findWindows(_ settings: PollSettings) {
    // Without any decision a halt longer than the ceiling shows a closed window: it did not shrink.
    let isClosed =
      entries.allSatisfy { $0.window == nil }
      && entries.contains {
        $0.block > UInt64(settings.parameters(at: $0.woke).ceiling)
      }
    var left: UInt32? = isClosed ? 0 : nil
    for (number, stretch) in stretches.enumerated() {
      let first = stretch.first { entries[$0].window != nil }
      var isUnsure = number > 0 && first != stretch.lowerBound
      if let first { left = entries[first].window }
      for index in stretch {
        let ceiling = settings.parameters(at: entries[index].woke).ceiling
        if entries[index].window != nil {
          (left, entries[index].polled) = (entries[index].polled, 0)
        } else if let length = left {
          var window = PollWindow(length: length)
          window.enter(ceiling: ceiling, rules: settings.rules)
          entries[index].set(window: isUnsure ? nil : window.length)
          left = window.length
        }
        if ceiling == 0 { left = 0 }
        isUnsure = false
      }
    }
  }
}
