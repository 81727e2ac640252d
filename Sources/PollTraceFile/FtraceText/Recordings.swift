internal import PollTrace

/// Whether a text is of one recording: how its pieces, each begun by a header, lie to each other.
///
/// `cat per_cpu/cpu*/trace` has a header for each CPU, and is one recording. A CPU that comes again, or time
/// that begins anew on it, is another, or the same once more.
struct Recordings {
  /// By CPU, whether it has events in the pieces before the last header.
  private var before: [Bool] = []
  /// Whether something is before a header.
  private(set) var isBehindHeader = false
  private var headerLine: UInt64 = 0
  /// The line where a second recording begins.
  private(set) var second: UInt64?
  /// Whether their lines have different names before them.
  private(set) var areNamed = false
  /// What stands before each line of `trace-cmd report -i … -i …`, or of several hosts' logs.
  private var prefixes: Set<String> = []
  /// Whether lines may have such a prefix: the first event's tells.
  private(set) var mayBePrefixed = true

  /// A header at `line`; `cpus` have events before it.
  mutating func begin(at line: UInt64, after cpus: [Int]) {
    guard let last = cpus.last else { return }
    before = Array(repeating: false, count: last + 1)
    for cpu in cpus { before[cpu] = true }
    (isBehindHeader, headerLine) = (true, line)
  }

  /// An event of `cpu` behind a header.
  mutating func add(_ cpu: Int) {
    if cpu < before.count, before[cpu], second == nil { second = headerLine }
  }

  /// Time began anew on a CPU at `line`.
  mutating func beginAnew(at line: UInt64) { if second == nil { second = line } }

  /// The line `line`, from `begin` on in `text`, has an event in `context`.
  mutating func notePrefix(_ text: Bytes, _ begin: Int, _ context: LineContext, at line: UInt64) {
    // Names have 16 columns.
    let nameBegin = context.nameBegin ?? context.nameEnd - 16
    guard nameBegin > begin + 1, !text.byte(begin).isSpace, text.byte(begin).digit == nil,
      let colon = text.firstIndex(of: 0x3a, from: begin), colon < nameBegin,
      !(begin..<colon).contains(where: { text.byte($0).isSpace }),
      EventText.mention(in: text, begin, colon) == nil,
      let prefix = text.part(begin, colon - begin)?.text
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
