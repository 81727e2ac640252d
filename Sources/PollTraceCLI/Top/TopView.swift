import PollTrace
import PollTraceCapture
import PollTraceReport

/// The live view: draws frames, takes keys and signals.
struct TopView {
  let session: TopSession
  let delay: Nanoseconds

  /// Runs until it is quit, or for `count` frames.
  func looks(_ count: Int?) throws -> TopSession.End {
    let source = session.source
    var state = TopState(delay: delay)
    var shown = try session.next()
    // Given back when this ends, before anything else is said.
    let screen = try Screen()
    let isColoured = Terminal.style.isColoured
    var left = count
    var next = Machine.now + state.delay
    while true {
      let size = Screen.size
      let lines = TopScreen(
        shown.frame, shown.head, state, columns: size.columns, lines: size.lines
      ).lines
      guard try screen.show(lines, isColoured: isColoured, { try source.waitForRoom($0) }) else {
        return .quit
      }
      if try source.wait(for: next - Machine.now, or: .input(screen.events)) {
        for event in screen.signals(beforeStop: source.letGo) {
          if case .ended(let signal) = event { return .signal(signal) }
        }
        guard let bytes = screen.keys() else { return .quit }
        for key in TopKey.keys(bytes) {
          let before = state.delay
          guard state.press(key, shown.frame) else { return .quit }
          if state.delay != before { next = Machine.now + state.delay }
        }
      }
      guard Machine.now >= next else { continue }
      let new = try session.next()
      next = Machine.now + state.delay
      // While it is paused the old frame stays; VMs that end are let go all the same.
      if !state.isPaused { shown = new }
      left = left.map { $0 - 1 }
      if left == 0 { return .counted(new.frame) }
    }
  }
}
