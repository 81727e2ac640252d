import PollTrace
import PollTraceCapture
import PollTraceReport

/// Frames as text or JSON on standard output.
struct TopStream {
  let session: TopSession
  let delay: Nanoseconds
  let isJSON: Bool

  /// A signal that is to end the process.
  private struct Ended: Error { var signal: Int32 }

  /// Takes `count` looks, or looks until whoever reads has gone.
  func looks(_ count: Int?, _ signals: borrowing AskedSignals) throws -> TopSession.End {
    do { return .counted(try show(count, signals)) } catch let ended as Ended {
      return .signal(ended.signal)
    } catch is Output.ReaderIsGone {
      return .quit
    }
  }

  private func look(_ signals: borrowing AskedSignals) throws {
    let source = session.source
    if let signal = signals.end(beforeStop: source.letGo) { throw Ended(signal: signal) }
  }

  /// The last frame, once there were `count`.
  private func show(_ count: Int?, _ signals: borrowing AskedSignals) throws -> CounterFrame {
    let source = session.source
    let output = try Output(path: nil, notOneOf: [])
    func write(_ text: String) throws {
      try output.write(Array(text.utf8)) { try source.waitForRoom($0) { try look(signals) } }
    }
    func writeMeta() throws {
      guard isJSON else { return }
      try write(
        JSONTop.meta(
          kernel: source.kernel, parameters: source.parameters, interval: delay,
          source: source.kind))
    }
    try writeMeta()
    _ = try session.next()
    var left = count
    while true {
      let end = Machine.now + delay
      while try source.wait(for: end - Machine.now, or: .input(signals.events)) {
        try look(signals)
      }
      let new = try session.next()
      if new.isOther {
        try writeMeta()
        continue
      }
      if isJSON {
        if new.hasChanged { try write(JSONTop.parametersChanged(new.head.parameters)) }
        try write(JSONTop.lines(new.frame, new.head))
        if let news = session.alarm?.takeNews() {
          try write(JSONTop.recording(news, at: new.frame.time))
        }
      } else {
        try write(Terminal.spelt(TextTop.text(new.frame, new.head)))
      }
      left = left.map { $0 - 1 }
      if left == 0 { return new.frame }
    }
  }
}
