import PollTrace
import PollTraceCapture
import PollTraceReport
import PollTraceStatistics

/// The live view: draws frames, takes keys and signals.
struct TopView {
  private let source: TopSource
  private let delay: Nanoseconds

  init(_ source: TopSource, delay: Nanoseconds) {
    self.source = source
    self.delay = delay
  }

  /// Runs until it is quit, or for `count` frames.
  func run(count: Int?) throws {
    var state = TopState(delay: delay)
    var (frame, head, _) = source.next()
    let end = try show(&state, &frame, &head, count)
    // The terminal is given back by now.
    if case .signal(let signal) = end { Screen.end(by: signal) }
  }

  private enum End { case quit, signal(Int32) }

  private func show(
    _ state: inout TopState, _ frame: inout CounterFrame, _ head: inout TopHead, _ count: Int?
  ) throws -> End {
    let screen = try Screen()
    let isColoured = Terminal.style.isColoured
    var left = count
    var next = Machine.now + state.delay
    while true {
      let size = Screen.size
      let lines = TopScreen(frame, head, state, columns: size.columns, lines: size.lines).lines
      guard screen.show(lines, isColoured: isColoured, source.waitForRoom) else { return .quit }
      if source.statistics.wait(for: next - Machine.now, or: .input(screen.events)) {
        for event in screen.signals(beforeStop: source.statistics.letGo) {
          if case .ended(let signal) = event { return .signal(signal) }
        }
        guard let bytes = screen.keys() else { return .quit }
        for key in TopKey.keys(bytes) {
          let before = state.delay
          guard state.press(key, frame) else { return .quit }
          if state.delay != before { next = Machine.now + state.delay }
        }
      }
      guard Machine.now >= next else { continue }
      let new = source.next()
      next = Machine.now + state.delay
      // While it is paused the old frame stays; VMs that end are let go all the same.
      if !state.isPaused { (frame, head, _) = new }
      left = left.map { $0 - 1 }
      if left == 0 { return .quit }
    }
  }
}
