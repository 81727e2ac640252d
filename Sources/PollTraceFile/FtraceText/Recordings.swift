internal import PollTrace

/// Whether a text is of one recording: how its pieces, each begun by a header, lie to each other.
///
/// `cat per_cpu/cpu*/trace` has a header for each CPU, and is one recording. A CPU that comes again, or time
/// that begins anew on it, is another, or the same once more; so is what comes behind as many events as their
/// header counted. A header that contradicts another, or a thread of two processes, is another host's.
struct Recordings {
  /// By CPU, whether it has events in the pieces before the last header.
  private var before: [Bool] = []
  /// Whether something is before a header.
  private(set) var isBehindHeader = false
  /// Whether no event came since, and the line at which it began.
  private var isInHeader = false
  private var headerLine: UInt64 = 0
  /// How many events there were before it.
  private var eventsBefore: UInt64 = 0
  /// Whether the header contradicts the one before it, or that one's events are all there.
  private var isOther = false
  /// The line where a second recording begins.
  private(set) var second: UInt64?
  /// Whether their lines have different names before them.
  private(set) var areNamed = false
  /// What stands before each line of `trace-cmd report -i … -i …`, or of several hosts' logs.
  private var prefixes: Set<String> = []
  /// Whether lines may have such a prefix: the first event's tells.
  private(set) var mayBePrefixed = true

  /// A line of a header at `line`, behind `events` on `cpus`, of which the header before counted `counted`.
  mutating func begin(at line: UInt64, after cpus: [Int], _ events: UInt64, counted: UInt64?) {
    guard let last = cpus.last, !isInHeader else { return }
    before = Array(repeating: false, count: last + 1)
    for cpu in cpus { before[cpu] = true }
    isOther = counted.map { events - eventsBefore >= $0 } ?? false
    (isBehindHeader, isInHeader, headerLine, eventsBefore) = (true, true, line, events)
  }

  /// The header contradicts an earlier one.
  mutating func contradict() { if isInHeader { isOther = true } }

  /// An event of `cpu` behind a header.
  mutating func add(_ cpu: Int) {
    isInHeader = false
    if isOther || cpu < before.count && before[cpu] { beginAnew(at: headerLine) }
  }

  /// Time began anew on a CPU at `line`.
  mutating func beginAnew(at line: UInt64) { if second == nil { second = line } }

  /// The line `line`, from `begin` on in `text`, has an event in `context`.
  mutating func notePrefix(_ text: Bytes, _ begin: Int, _ context: LineContext, at line: UInt64) {
    // Names have 16 columns.
    let nameBegin = context.nameBegin ?? context.nameEnd - 16
    guard nameBegin > begin + 1, EventText.mention(in: text, begin, nameBegin) == nil,
      let prefix = text.part(begin, nameBegin - begin).flatMap({ LinePrefix.place($0.text) })
    else {
      mayBePrefixed = !prefixes.isEmpty
      return
    }
    prefixes.insert(prefix)
    guard prefixes.count > 1 else { return }
    beginAnew(at: line)
    areNamed = true
    mayBePrefixed = false
  }
}
