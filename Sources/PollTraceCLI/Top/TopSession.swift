import PollTrace
import PollTraceCapture
import PollTraceReport

/// The looks of one `polltrace top`, the recording that one of them may ask for, and how both end.
struct TopSession {
  let source: TopSource
  let alarm: TopAlarm?

  /// What ended the looks.
  enum End {
    /// Somebody quit, or whoever read has gone.
    case quit
    /// There were as many as were asked for; the last one.
    case counted(CounterFrame)
    case signal(Int32)
  }

  /// The next look, with what there is to say of the recording.
  func next() throws -> TopSource.Look {
    var look = try source.next()
    look.head.remarks += alarm?.take(look.frame).map { [$0] } ?? []
    return look
  }

  /// Takes `looks`, gives back what is held, and ends the recording: its whole time is waited for where
  /// looks were counted.
  ///
  /// - Throws: The exit code, where that is not 0.
  func run(_ looks: () throws -> End) throws {
    let end: End
    do { end = try looks() } catch {
      try? alarm?.close(whole: false)
      throw error
    }
    source.letGo()
    switch end {
    case .quit: try alarm?.close(whole: false)
    case .counted(let last):
      // A recording that goes on is not cut off by what the last look lacks.
      let whole = Result { try source.close(last) }
      try alarm?.close(whole: true)
      try whole.get()
    case .signal(let signal):
      try? alarm?.close(whole: false)
      Screen.end(by: signal)
    }
  }
}
