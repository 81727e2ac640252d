import ArgumentParser
import PollTrace
import PollTraceCapture
import PollTraceReport

/// `--on CONDITION --record FILE`: a recording that begins, once, when the condition holds of a vCPU.
///
/// Another `polltrace record` makes it, so that it is a recording as any other, with an instance of its
/// own; this one goes on. Where this one is ended first, so is the recording, whole as far as it has come.
final class TopAlarm {
  private enum State {
    case waiting
    case recording(QuietProgram)
    case over(status: Int32)
  }

  private let condition: RowCondition
  /// As it was written.
  private let words: Untrusted
  private let output: OSString
  private let arguments: [OSString]
  private var state = State.waiting
  private var remark: String?
  /// What has become of it since it was asked last.
  private var news: TopRecording?

  init(
    _ condition: RowCondition, _ words: String, output: OSString, duration: Nanoseconds,
    vms: [String]
  ) {
    self.condition = condition
    self.words = Untrusted(words)
    self.output = output
    arguments =
      ["record", "--duration", OSString("\(duration.rawValue)ns"), "-o", output]
      + vms.flatMap { ["--vm", OSString($0)] }
  }

  /// Looks whether it holds in `frame`, and how far the recording is; gives back what there is to say.
  func take(_ frame: CounterFrame) -> String? {
    switch state {
    case .waiting:
      guard let row = condition.first(in: frame) else { return nil }
      begin(for: row)
    case .recording(let program):
      if let end = program.ended() { close(end) }
    case .over: break
    }
    return remark
  }

  /// What has become of it since this was asked last; nil for nothing.
  func takeNews() -> TopRecording? {
    defer { news = nil }
    return news
  }

  private func begin(for row: CounterRow) {
    news = TopRecording(condition: words, file: Untrusted(output.shown), row: row, state: .began)
    do throws(SystemError) {
      state = .recording(try QuietProgram(arguments))
      remark = "\(words.terminal) of \(TopTable.label(row)): recording into \(output.shown)"
    } catch {
      state = .over(status: 1)
      news?.state = .failed
      remark =
        "\(words.terminal) of \(TopTable.label(row)), but it cannot be recorded: \(error.text)"
    }
  }

  private func close(_ end: QuietProgram.End) {
    state = .over(status: end.status)
    news = TopRecording(
      condition: words, file: Untrusted(output.shown), row: nil,
      state: end.status == 0 || end.status == 2 ? .done : .failed)
    remark = "\(words.terminal): \(Self.lastLine(of: end))"
  }

  /// What the recorder said at last, and how it names itself.
  private static func lastLine(of end: QuietProgram.End) -> String {
    let lines = end.lines.map(\.terminal).filter { !$0.isEmpty }
    let last = lines.last { $0.hasPrefix("polltrace: ") && !$0.contains("recording ") }
    return String((last ?? lines.last ?? "the recorder said nothing").dropPrefix("polltrace: "))
  }

  /// Brings what goes on to its end, the `whole` of it or as far as it is, and says what came of it.
  ///
  /// - Throws: The exit code, where that is not 0.
  func close(whole: Bool) throws {
    if case .recording(let program) = state {
      if let end = whole ? program.finish() : program.end() { close(end) }
    }
    switch state {
    case .waiting: StandardError.say("polltrace: \(words.terminal) never held; nothing recorded")
    case .over(let status):
      if let remark { StandardError.say("polltrace: \(remark)") }
      if status != 0 { throw ExitCode(status == 2 ? 2 : 1) }
    case .recording: break
    }
  }
}

extension StringProtocol {
  /// Without `start` at its begin.
  fileprivate func dropPrefix(_ start: String) -> SubSequence {
    hasPrefix(start) ? dropFirst(start.count) : self[...]
  }
}
