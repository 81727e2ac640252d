internal import Dispatch
internal import PollTrace
internal import Synchronization

/// What people paste: the text of `trace`, `trace_pipe`, `trace-cmd report` and `perf script`.
///
/// All lines are read when the text is opened, on all threads; their events wait in order.
final class FtraceTextReader: TraceReader {
  let description: TraceDescription
  let ledger: Ledger
  let statedLosses: [CPU: UInt64] = [:]
  /// Events of interest and losses, as they stand in the text, in parts that follow each other.
  private let events: [[Event]]
  private let counted: ReadTally

  var begin: Timestamp? { counted.first }

  /// Whether `file` is such a text: a header, or a line of an event early on.
  static func recognises(_ file: Bytes) -> Bool {
    if file.starts(with: Array("# tracer:".utf8)) { return true }
    var lines = TextLines(file, 0..<min(file.count, 1 << 16))
    while let range = lines.next() {
      if TextLine(file, range) != nil { return true }
    }
    return false
  }

  init(_ file: Bytes, path: String) {
    let parts = Self.parts(file)
    let found = Mutex([Int: TextPart]())
    DispatchQueue.concurrentPerform(iterations: parts.count) { index in
      let part = TextPart(file, parts[index])
      found.withLock { $0[index] = part }
    }
    let read = found.withLock { found in parts.indices.compactMap { found[$0] } }
    let whole = read.reduce(into: TextPart()) { $0.append($1) }
    // Only text whose parts follow each other in time can be taken in part by part.
    let isInOrder = zip(read, read.dropFirst()).allSatisfy { earlier, later in
      earlier.tally.last.map { last in later.tally.first.map { last <= $0 } ?? true } ?? true
    }
    events = isInOrder ? read.map(\.events) : [Array(read.lazy.flatMap(\.events))]
    counted = whole.tally
    var ledger = Ledger()
    for number in whole.unclear.prefix(8) {
      ledger.note(.damaged, 1, "line at byte \(number) is not as this event is printed")
    }
    if whole.unclear.count > 8 {
      ledger.note(.damaged, UInt64(whole.unclear.count - 8), "further lines like it")
    }
    if whole.decimals > 0, whole.decimals < 9 {
      ledger.note(.coarseTime, 1, "\(whole.decimals) digits behind the second")
    }
    self.ledger = ledger
    let isTime = whole.decimals > 0
    var description = TraceDescription(
      path: path, format: "ftrace text",
      clock: TraceDescription.Clock(name: isTime ? "unknown" : "counter", isTime: isTime),
      cpus: whole.cpus.count)
    description.hasValidField = whole.hasValidity
    description.hasSchedulerEvents = whole.hasWakings && whole.hasSwitches
    description.names = whole.names
    description.processes = whole.processes
    self.description = description
  }

  /// Parts of a megabyte or more, cut between lines.
  private static func parts(_ file: Bytes) -> [Range<Int>] {
    let size = 1 << 20
    var parts: [Range<Int>] = []
    var start = 0
    while start < file.count {
      let wanted = start + size
      let end =
        wanted >= file.count
        ? file.count : (file.firstIndex(of: UInt8(ascii: "\n"), from: wanted) ?? file.count - 1) + 1
      parts.append(start..<end)
      start = end
    }
    return parts
  }

  func slices(atMost count: Int) -> [TraceSlice] { [.everything] }

  func read(_ slice: TraceSlice, _ take: (Span<Event>) -> Void) -> ReadTally {
    guard slice != .everything else {
      for part in events { take(part.span) }
      return counted
    }
    var tally = ReadTally()
    for part in events {
      let some = part.filter { $0.time >= slice.from && $0.time < slice.to }
      take(some.span)
      tally.events += UInt64(some.count)
      tally.first = tally.first ?? some.first?.time
      tally.last = some.last?.time ?? tally.last
    }
    return tally
  }

  func read(_ slices: ArraySlice<TraceSlice>, into tracks: inout HostTracks) -> ReadTally {
    slices.reduce(into: ReadTally()) { tally, slice in
      tally.merge(read(slice) { tracks.take($0) })
    }
  }
}
