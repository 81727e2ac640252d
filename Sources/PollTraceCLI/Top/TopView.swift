import PollTrace
import PollTraceCapture
import PollTraceReport

/// The live view: draws frames, takes keys and signals.
struct TopView {
  private let source: TopSource
  private let alarm: TopAlarm?
  private let delay: Nanoseconds

  init(_ source: TopSource, _ alarm: TopAlarm?, delay: Nanoseconds) {
    self.source = source
    self.alarm = alarm
    self.delay = delay
  }

  /// Runs until it is quit, or for `count` frames.
  func run(count: Int?) throws {
    var state = TopState(delay: delay)
    var (frame, head, _, _) = try source.next()
    let end: End
    do { end = try show(&state, &frame, &head, count) } catch {
      try? alarm?.close(whole: false)
      throw error
    }
    // The terminal is given back by now, and what is held is before the process ends.
    source.letGo()
    if case .signal(let signal) = end {
      try? alarm?.close(whole: false)
      Screen.end(by: signal)
    }
    try alarm?.close(whole: count != nil && end == .counted)
  }

  private enum End: Equatable { case quit, counted, signal(Int32) }

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
          guard state.press(key, frame) else { return .quit }
          if state.delay != before { next = Machine.now + state.delay }
        }
      }
      guard Machine.now >= next else { continue }
      var new = try source.next()
      next = Machine.now + state.delay
      let remark = alarm?.take(new.frame)
      new.head.remarks += remark.map { [$0] } ?? []
      // While it is paused the old frame stays; VMs that end are let go all the same.
      if !state.isPaused { (frame, head) = (new.frame, new.head) }
      left = left.map { $0 - 1 }
      if left == 0 { return .counted }
    }
  }
}
