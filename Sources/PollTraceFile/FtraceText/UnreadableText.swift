internal import PollTrace

/// A text about halts from which nothing can be told, by what it lacks.
package enum UnreadableText: Hashable, Sendable {
  /// tracefs options/context-info is off.
  case noContext
  /// The kernel log of a host with `tp_printk`.
  case printk
  /// Lines of bpftrace, of bcc's trace or argdist.
  case bpftrace
  case bcc
  /// Counts of events, or a histogram of ftrace.
  case counters
  case histogram
  /// `perf trace` without the threads' names and numbers.
  case perfTrace
  /// `perf data convert --to-json`: an object a sample, which does not name its event.
  case perfJSON
  /// `perf script` without some of its fields.
  case lacks(String)
  /// Several events in a line.
  case joinedLines
  /// `perf script --deltatime`.
  case differences
  /// The number in the thread's place is the process's, and names do not tell its threads apart.
  case processes
  case severalRecordings(line: UInt64)
  /// It names the events, and that is all that is known.
  case other

  /// What `text` is, in which no event of KVM's could be read; nil where it does not seem to have any.
  ///
  /// `hasEvents` says whether others could be.
  init?(_ text: Bytes, hasEvents: Bool) {
    if Self.hasAny(of: [Self.perfJSONHead], text) {
      self = .perfJSON
      return
    }
    guard let line = NamingLine(in: text) else {
      if hasEvents, Self.hasAny(of: Self.contents, text), !Self.hasAny(of: [Self.guest], text) {
        self = .lacks("the events' names")
      } else if !hasEvents, Self.seemsToCount(text) {
        self = Self.hasAny(of: [Self.histogramHead], text) ? .histogram : .counters
      } else {
        return nil
      }
      return
    }
    guard !hasEvents else { return nil }
    if let form = Self.signs.first(where: { Self.hasAny(of: [$0.sign], text) }) {
      self = form.text
    } else {
      self = line.text
    }
  }

  /// Whether `text` has counts of halts, or is another form that names no event.
  static func isNameless(_ text: Bytes) -> Bool {
    seemsToCount(text) || hasAny(of: [perfJSONHead], text)
  }

  private static func seemsToCount(_ text: Bytes) -> Bool {
    hasAny(of: [histogramHead, "halt_successful_poll", "halt_poll_success", "haltpoll."], text)
  }

  /// Whether the beginning of `text` has one of `words`.
  private static func hasAny(of words: [String], _ text: Bytes) -> Bool {
    let head = text.part(0, min(text.count, 64 << 10)) ?? text
    return words.contains { head.find($0, from: 0, within: .max) != nil }
  }

  private static let histogramHead = "# event histogram"
  /// linux tools/perf/util/data-convert-json.c, 5.13 and later.
  private static let perfJSONHead = "\"linux-perf-json-version\""
  /// The event of a guest's own polling has the same words behind its name.
  private static let guest = "guest_halt_poll_ns:"

  /// What only one kind of text has near its beginning.
  private static let signs: [(sign: String, text: UnreadableText)] = [
    (histogramHead, .histogram), ("hist:keys=", .histogram), ("Attaching ", .bpftrace),
    ("Attached ", .bpftrace), ("\n@", .bpftrace), ("PID     TID", .bcc), ("PID    TID", .bcc),
    ("COMM             FUNC", .bcc), ("Performance counter stats", .counters),
  ]
  /// What events say that have lost their names; and names in capitals, which are no longer the kernel's.
  private static let contents = [
    ": halt_poll_ns ", " ns, polling valid", "waited=1 valid=", "waited=0 valid=",
    "KVM_VCPU_WAKEUP", "KVM_HALT_POLL_NS",
  ]
}

/// The first line that names an event and is no comment, in two parts.
private struct NamingLine {
  /// Before the name, without blanks at its begin.
  private let context: Substring
  /// From the name on.
  private let rest: String

  init?(in text: Bytes) {
    var begin = 0
    while begin < text.count {
      let end = text.firstIndex(of: 0x0a, from: begin) ?? text.count
      if text.byte(begin) != 0x23, let name = EventText.mention(in: text, begin, end) {
        let context = text.part(begin, name - begin)?.text ?? ""
        self.context = context.drop { $0 == " " || $0 == "\t" }
        rest = text.part(name, min(end - name, 256))?.text ?? ""
        return
      }
      begin = end + 1
    }
    return nil
  }

  /// What the line is of.
  var text: UnreadableText {
    let words = context.split(separator: " ")
    if let first = words.first, first.contains("."), first.allSatisfy({ $0.isNumber || $0 == "." }),
      rest.hasSuffix(")")
    {
      return .perfTrace
    }
    if words.isEmpty { return rest.contains(": ") ? .noContext : .counters }
    // Columns of a table that do not look like a line of a trace.
    if context.contains(";") { return .other }
    if words.last?.hasSuffix("]") ?? false || context.contains("kernel: ") { return .printk }
    if context.contains("["), context.contains("]"), words.last?.hasSuffix(":") ?? false,
      words.count > 1
    {
      return .lacks(rest.hasSuffix(":") ? "what the events say" : "the threads")
    }
    let isEvent = rest.contains(": ")
    if context.allSatisfy({ $0.isNumber || ", .:kvm".contains($0) }) {
      return isEvent ? .lacks("the threads") : .counters
    }
    if isEvent, words.count > 1 { return .lacks("the time, the CPU or the threads") }
    return .other
  }
}

extension UnreadableText {
  /// What is wrong, as half a sentence behind the place.
  var explanation: Untrusted {
    switch self {
    case .noContext:
      "has no task, CPU and time before its events: the option context-info is off"
    case .printk: "is the kernel log of events (tp_printk): its lines have no thread"
    case .bpftrace:
      "is output of bpftrace whose lines do not say by name what is the thread and what the fields are"
    case .bcc: "is output of bcc's tools whose lines lack the fields by name, or the thread"
    case .counters: "has counts of events, not the events: the lengths of halts are not in it"
    case .histogram: "is a histogram of events: the order of halts and windows is not in it"
    case .perfTrace: "is output of perf trace without the threads of its events"
    case .perfJSON:
      "is JSON of perf data convert, which does not say of which event a sample is"
    case .lacks(let what): "lacks \(what) in its lines"
    case .joinedLines: "has several events in a line"
    case .differences: "has differences in the times' place: they run backwards all the time"
    case .processes:
      "has processes in the threads' place, and several vCPUs of one name: halts cannot be told apart"
    case .severalRecordings(let line):
      "has several recordings, or one twice: another begins at line \(line)"
    case .other: "names KVM's events, and no line has task, CPU and time before them"
    }
  }

  /// Which command prints what is needed.
  var remedy: String {
    switch self {
    case .noContext: "Switch it on (echo 1 > options/context-info in tracefs), and print it again."
    case .printk:
      "Print the file trace in tracefs (cat /sys/kernel/tracing/trace): it has the threads."
    case .bpftrace:
      "Print \(Self.words), with printf(\"\(Self.labels)\", …) at each event; or: \(Self.recording)"
    case .bcc:
      "Print \(Self.words) (`trace -t -C 't:kvm:kvm_vcpu_wakeup \"ns=%llu waited=%d valid=%d\", args->ns, "
        + "args->waited, args->valid'`, and the other event alike); or: \(Self.recording)"
    case .counters, .histogram, .other: Self.recording
    case .perfTrace:
      "Record with `perf record -e kvm:kvm_vcpu_wakeup,kvm:kvm_halt_poll_ns -a`, and give perf.data."
    case .perfJSON: "Give polltrace the perf.data that it was made of."
    case .lacks: "Print it with `\(Self.script)`."
    case .joinedLines: "Give polltrace the text as it was printed, as a file: an event in a line."
    case .processes: "Print it with the threads: `\(Self.script)`."
    case .differences: "Print times, not differences: perf script without --deltatime."
    case .severalRecordings:
      "Write each into a file of its own (`trace-cmd report -i FILE`, once each), and name them all."
    }
  }

  private static let script = "perf script -F comm,pid,tid,cpu,time,event,trace"
  private static let words = "each event's fields by name (\(HaltFields.names))"
  private static let labels =
    "nsecs=%llu comm=%s tid=%d cpu=%d kvm_vcpu_wakeup ns=%llu waited=%d valid=%d\\n"
  private static let recording =
    "Record with `polltrace record`, or give it what `cat trace`, `trace-cmd report` or "
    + "`perf script` prints."
}
