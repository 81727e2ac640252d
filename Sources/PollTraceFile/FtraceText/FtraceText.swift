internal import PollTrace

/// A trace as text: what `cat trace`, `trace_pipe`, `trace-cmd report` and `perf script` print, and what
/// becomes of that on its way through terminals, mails and pages.
///
/// In layers: `TextCleaning` makes plain lines of the bytes, `LineForm` and `LineContext` read what stands
/// before an event's name, `EventText` what stands behind it, and `TextReading` goes through the lines.
enum FtraceText {
  /// How far a text is searched for the first line of a trace.
  private static let searched = 1 << 20

  /// Whether some line of `text` is an event, or the header of a tracer, or something else about halts.
  static func recognises(_ text: Bytes) -> Bool {
    let head = text.part(0, min(text.count, searched)) ?? text
    let cleaning = TextCleaning(head)
    return isTrace(head) || !cleaning.isEmpty && isTrace(cleaning.cleaned(head))
  }

  private static func isTrace(_ text: Bytes) -> Bool {
    var begin = 0
    while begin < text.count {
      let end = text.firstIndex(of: 0x0a, from: begin) ?? text.count
      if text.has(tracer, at: begin) || TextReading.context(text, begin, end) != nil { return true }
      begin = end + 1
    }
    // Another format's file has their names, too.
    guard text.firstIndex(of: 0, from: 0) == nil else { return false }
    return EventText.mention(in: text, 0, text.count) != nil || UnreadableText.isNameless(text)
  }

  private static let tracer = Word("# tracer: ")

  /// The trace in `text`; `ledger` says what was wrong with the file around it.
  static func open(
    _ text: Bytes, path: String, _ ledger: Ledger
  ) throws(TraceFileError) -> any TraceReader {
    var cleaning = TextCleaning(text)
    var reading = TextReading.all(of: cleaning.cleaned(text), isClean: false)
    if !reading.needed.isEmpty {
      // Further on there is something that the sample did not have.
      cleaning.formUnion(reading.needed)
      reading = TextReading.all(of: cleaning.cleaned(text), isClean: true)
    }
    if reading.isBroken { reading = reading.withLinesJoined }
    if reading.hasProcessesForThreads { reading = reading.byName }
    if let problem = reading.problem { throw TraceFileError(path: path, problem: problem) }
    return reading.trace(path: path, ledger)
  }
}
