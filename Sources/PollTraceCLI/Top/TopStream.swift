import ArgumentParser
import PollTrace
import PollTraceCapture
import PollTraceReport

/// Frames as text or JSON on standard output.
struct TopStream {
  private let source: TopSource
  private let alarm: TopAlarm?
  private let isJSON: Bool

  init(_ source: TopSource, _ alarm: TopAlarm?, isJSON: Bool) {
    self.source = source
    self.alarm = alarm
    self.isJSON = isJSON
  }

  /// A signal that is to end the process.
  private struct Ended: Error { var signal: Int32 }

  /// Takes `count` looks, or looks until whoever reads has gone.
  func run(
    every delay: Nanoseconds, count: Int?, _ signals: borrowing AskedSignals
  ) throws {
    do {
      try show(every: delay, count: count, signals)
      source.letGo()
      try alarm?.close(whole: true)
    } catch let ended as Ended {
      source.letGo()
      try? alarm?.close(whole: false)
      Screen.end(by: ended.signal)
    } catch is Output.ReaderIsGone {
      source.letGo()
      try alarm?.close(whole: false)
    }
  }

  private func look(_ signals: borrowing AskedSignals) throws {
    if let signal = signals.end(beforeStop: source.letGo) { throw Ended(signal: signal) }
  }

  private func show(
    every delay: Nanoseconds, count: Int?, _ signals: borrowing AskedSignals
  ) throws {
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
    _ = try source.next()
    var left = count
    while left != 0 {
      let end = Machine.now + delay
      while try source.wait(for: end - Machine.now, or: .input(signals.events)) {
        try look(signals)
      }
      var (frame, head, hasChanged, isOther) = try source.next()
      if isOther {
        try writeMeta()
        continue
      }
      head.remarks += alarm?.take(frame).map { [$0] } ?? []
      if isJSON {
        if hasChanged { try write(JSONTop.parametersChanged(head.parameters)) }
        try write(JSONTop.lines(frame, head))
        if let news = alarm?.takeNews() { try write(JSONTop.recording(news, at: frame.time)) }
      } else {
        try write(Terminal.spelt(TextTop.text(frame, head)))
      }
      left = left.map { $0 - 1 }
      if left == 0 { try closeFrame(frame) }
    }
  }

  /// A recording that goes on is not cut off by what the last frame lacks.
  private func closeFrame(_ frame: CounterFrame) throws {
    do { try source.close(frame) } catch {
      source.letGo()
      try alarm?.close(whole: true)
      throw error
    }
  }
}
