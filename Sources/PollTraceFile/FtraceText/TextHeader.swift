internal import PollTrace

/// What the lines of a text say that are no events: headers, and lost events.
struct TextHeader {
  /// CPUs that the machine has.
  private(set) var cpus: Int?
  var kernel: String? { facts[.kernel] }
  var arch: String? { facts[.arch] }
  private(set) var clock: String?
  /// What a header says of its machine and its recording: another one says something else.
  private enum Fact {
    case host, captured, kernel, arch, cpus, online, buffers, system, prompt
  }
  private var facts: [Fact: String] = [:]
  /// How many events are said to follow, by any header and by the last one; how many were written over before.
  private(set) var entries: UInt64?
  var counted: UInt64?
  private(set) var overwritten: UInt64 = 0
  /// The column of the flag for interrupts, where the columns are named.
  private(set) var interruptFlag: Int?
  private var columns = 0
  /// Whether the text is of the events' tracer: lines of others are not all events.
  private var isEvents = true

  /// What one line without an event is.
  enum Line {
    case header
    /// The first line of a recording.
    case beginning
    /// What contradicts an earlier header: it is of another machine, or another recording.
    case contradiction
    /// Events were dropped on a CPU before the next one; nil where it is not said how many.
    case lost(CPU, UInt64?)
    case foreign
  }

  /// Takes the line of `text` from `begin` to `end` in, which are not the same.
  mutating func take(_ text: Bytes, _ begin: Int, _ end: Int) -> Line {
    switch text.byte(begin) {
    case 0x23: return takeComment(text.part(begin, min(end - begin, 200))?.text ?? "")
    case 0x43, 0x63:
      guard end - begin < 80, let line = text.part(begin, end - begin)?.text else {
        return .foreign
      }
      return takeCPU(line[...])
    default:
      if isChain(text, begin, end) { return .header }
      return takeWords(text.part(begin, min(end - begin, 200))?.text ?? "")
    }
  }

  /// Reads what says whose the text is: `trace-cmd report --uname`, a prompt; and where an oops dumps the trace.
  private mutating func takeWords(_ line: String) -> Line {
    if line.hasSuffix("Dumping ftrace buffer:") { return .beginning }
    if line.hasPrefix("uname: ") { return state(.system, line.dropFirst(7), or: .header) }
    return LinePrefix.promptHost(line).map { state(.prompt, $0, or: .foreign) } ?? .foreign
  }

  /// A line of a sample's call chain: `ffffffffc0802033 kvm_vcpu_halt+0x33 ([kvm])`.
  private func isChain(_ text: Bytes, _ begin: Int, _ end: Int) -> Bool {
    var position = begin
    while position < end, text.byte(position).hexDigit != nil { position += 1 }
    return position - begin >= 8 && text.byte(position).isSpace
  }

  /// `CPU:1 [LOST 1021 EVENTS]`, `CPU:1 [1021 EVENTS DROPPED]`, both without a number, too; and
  /// what trace-cmd begins with: `cpus=2`, `CPU 0 is empty`.
  private mutating func takeCPU(_ line: Substring) -> Line {
    if line.hasPrefix("cpus="), let count = Int(line.dropFirst(5)) {
      cpus = count
      return state(.buffers, line.dropFirst(5), or: .beginning)
    }
    if line.hasPrefix("CPU "), line.hasSuffix(" is empty") { return .header }
    let words = line.split { " [].".contains($0) }
    guard words.count >= 3, words[0].hasPrefix("CPU:"), let cpu = UInt32(words[0].dropFirst(4)),
      words.contains("EVENTS"), words.contains("LOST") || words.contains("DROPPED")
    else { return .foreign }
    return .lost(CPU(cpu), words.lazy.compactMap { UInt64($0) }.first)
  }

  /// Reads the comments of `cat trace` and of `perf script --header`.
  private mutating func takeComment(_ line: String) -> Line {
    if line.contains("=> ") { takeColumn(line) }
    let words = line.split(separator: " ").map(String.init)
    switch words.dropFirst().first {
    case "tracer:":
      isEvents = words.last == "nop"
      (interruptFlag, columns) = (nil, 0)
      return .beginning
    case "entries-in-buffer/entries-written:":
      let counts = words.count > 2 ? words[2].split(separator: "/").map { UInt64($0) } : []
      if isEvents, counts.count == 2, let here = counts[0], let written = counts[1] {
        // Each CPU's file counts the events of all (linux kernel/trace/trace.c, get_total_entries()).
        entries = max(entries ?? 0, here)
        counted = here
        overwritten = max(overwritten, written.minus(here))
      }
      if let last = words.last, last.hasPrefix("#P:") {
        cpus = Int(last.dropFirst(3))
        return state(.online, last.dropFirst(3), or: .header)
      }
    case "CPU" where line.hasSuffix(" buffer started ####"):
      // Events of this CPU were written over while others of that time were kept.
      if let cpu = words.dropFirst(2).first.flatMap({ UInt32($0) }) { return .lost(CPU(cpu), nil) }
    case "========": return .beginning
    case "captured" where words.count > 4:
      return state(.captured, words[4...].joined(separator: " ")[...], or: .beginning)
    case "hostname" where words.count > 3: return state(.host, words[3][...], or: .header)
    case "os" where words.count > 4: return state(.kernel, words[4][...], or: .header)
    case "arch" where words.count > 3: return state(.arch, words[3][...], or: .header)
    case "nrcpus" where words.count > 4 && words[2] == "online":
      cpus = Int(words[4])
      return state(.cpus, words[4][...], or: .header)
    case "clockid:" where words.count > 2: clock = Self.clocks[words[2]] ?? words[2]
    default: break
    }
    return .header
  }

  /// Takes a fact in; `line` is what it stands in, where it agrees with earlier ones.
  private mutating func state(_ fact: Fact, _ value: Substring, or line: Line) -> Line {
    let before = facts.updateValue(String(value), forKey: fact)
    return before ?? String(value) == value ? line : .contradiction
  }

  /// Reads what one column of flags is: `| / _---=> hardirq/softirq`.
  private mutating func takeColumn(_ line: String) {
    guard !line.contains("CPU#") else { return }
    if line.contains("hardirq/softirq") { interruptFlag = columns }
    columns += 1
  }

  /// perf's names of clocks, and tracefs' names of the same.
  private static let clocks = [
    "monotonic": "mono", "monotonic_raw": "mono_raw", "boottime": "boot", "clock_tai": "tai",
  ]
}
