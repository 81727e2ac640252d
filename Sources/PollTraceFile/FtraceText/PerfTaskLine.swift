internal import PollTrace

/// What a line of a record that is no sample says: `perf script --show-task-events`, `--show-lost-events`
/// and others print such.
///
/// Their times are the tasks', or 0: they are no events of the trace.
enum PerfTaskLine {
  /// `PERF_RECORD_LOST lost 12`; nil where it is not said how many.
  case lost(UInt64?)
  /// `PERF_RECORD_COMM: CPU 0/KVM:4700/4711`, `PERF_RECORD_FORK(4700:4711):(4700:4700)`.
  case task(ThreadID, name: String?, ProcessID)
  case other

  private static let record = Word("PERF_RECORD_")
  private static let lost = Word("LOST"), count = Word(" lost ")
  private static let comm = Word("COMM"), exec = Word(" exec"), fork = Word("FORK(")

  /// What stands from `start`, behind the time's colon, to `end`; nil where it is no such record.
  init?(_ text: Bytes, _ start: Int, _ end: Int) {
    var position = start
    text.skipSpaces(&position, below: end)
    guard text.take(Self.record, &position, below: end) else { return nil }
    self = .other
    if text.take(Self.lost, &position, below: end) {
      // LOST_SAMPLES counts samples, LOST records of any kind.
      while position < end, !text.byte(position).isSpace { position += 1 }
      if text.take(Self.count, &position, below: end) {
        self = .lost(text.number(&position, below: end))
      }
    } else if text.take(Self.comm, &position, below: end) {
      _ = text.take(Self.exec, &position, below: end)
      self.init(comm: text, position, end)
    } else if text.take(Self.fork, &position, below: end) {
      guard let (process, thread) = Self.pair(text, &position, end, 0x3a) else { return }
      self = .task(ThreadID(thread), name: nil, ProcessID(process))
    }
  }

  /// Reads `: NAME:PID/TID`.
  private init(comm text: Bytes, _ start: Int, _ end: Int) {
    self = .other
    var position = end
    guard start + 2 < end, let thread = text.numberBackward(&position, above: start),
      position > start, text.byte(position - 1) == 0x2f
    else { return }
    position -= 1
    guard let process = text.numberBackward(&position, above: start), position > start + 2,
      text.byte(position - 1) == 0x3a, let thread = Int32(exactly: thread),
      let process = Int32(exactly: process)
    else { return }
    let name = text.part(start + 2, position - 1 - start - 2)?.text
    self = .task(ThreadID(thread), name: name, ProcessID(process))
  }

  private static func pair(
    _ text: Bytes, _ position: inout Int, _ end: Int, _ between: UInt8
  ) -> (Int32, Int32)? {
    guard let first = text.number(&position, below: end), text.byte(position) == between else {
      return nil
    }
    position += 1
    guard let second = text.number(&position, below: end), let first = Int32(exactly: first),
      let second = Int32(exactly: second)
    else { return nil }
    return (first, second)
  }
}
