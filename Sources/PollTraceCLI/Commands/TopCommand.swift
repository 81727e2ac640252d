import ArgumentParser
import PollTrace
import PollTraceCapture
import PollTraceReport

/// The command `polltrace top`.
struct TopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract:
      "Show which vCPUs poll, and what it costs: by KVM's own counters, or by a live trace.",
    discussion: """
      --source counters reads the statistics that QEMU 8.1 and newer holds open for each vCPU, 1 us a vCPU, \
      without disturbing the guests; of other VMs KVM's sums in debugfs, where that is mounted. Counters \
      know no windows and no decisions, so nothing is recommended from them: what looks wrong is a reason \
      to record. Needs root, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.

      --source trace follows each halt, as record does, in a tracefs instance of its own, without a file: it \
      shows windows, the kernel's moves of them, and exact lengths of halts and wake-ups. Needs the right \
      to write to tracefs. The instance goes when top ends; after SIGKILL the next record or top removes it. \
      --source auto takes counters, and a trace where counters show none of the VMs that run.

      --on CONDITION --record FILE records FILE, once, when the condition holds of a vCPU (of a VM where \
      its vCPUs are not told apart) in one interval. A condition is a quantity, > or <, and a limit: halts, \
      polls_failed, wakes (a second: 1000/s); polled, poll_ok, wasted (10%); p50, p99 of waits (200us); \
      from a trace also grow, shrink (a second), window, p50_block, p99_block, p50_wake, p99_wake. \
      Counters know waits between powers of two: such a condition holds where it does for the whole \
      bucket. top goes on meanwhile; with -n it ends when the recording does; where it is quit or ended \
      earlier, the trace is whole as far as it has come.

      Keys: up, down, j, k choose a row; Enter one vCPU in detail; s sort; r reverse; / filter; p pause; \
      d delay; h help; q quit.

      Examples:
        polltrace top
        polltrace top --batch -n 1 -d 10
        polltrace top --json --vm web1 > web1.jsonl
        polltrace top --source trace
        polltrace top --batch --on 'wasted>10%' --record wasted.dat > top.log

      Exit codes: 0 done; 1 could not be done; 2 done, but of some VM nothing, or not all, could be seen \
      in the last look, or events were lost; 64 wrong usage.
      """)

  @Option(
    name: [.customShort("d"), .long],
    help: ArgumentHelp("Seconds between two looks (2, 500ms).", valueName: "time"))
  var delay = "1"

  @Option(name: [.customShort("n"), .long], help: "How many looks; without it, until interrupted.")
  var count: Int?

  @Option(help: "Where figures come from.")
  var source = TopSourceChoice.auto

  @Option(help: "Only this VM: its process id or its name. May be given more than once.")
  var vm: [String] = []

  @Flag(help: "Plain tables, one after the other; so it is where standard output is no terminal.")
  var batch = false

  @Flag(help: "An object of JSON a line (docs/report-schema.md).")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Record when this holds of a vCPU: 'wasted>10%', 'polls_failed>1000/s', 'p99>200us'.",
      valueName: "condition"))
  var on: String?

  @Option(help: ArgumentHelp("The trace to record then.", valueName: "file"), completion: .file())
  var record: OSString?

  @Option(help: ArgumentHelp("How long to record then (30, 5m); 30 seconds.", valueName: "time"))
  var duration: String?

  func run() throws {
    let delay = try length(
      delay, "-d", TopState.delays, "a time from 100ms to 1h; for example 2 or 500ms")
    guard count.map({ $0 > 0 }) ?? true else {
      throw ValidationError("-n \(count ?? 0): take at least one look")
    }
    let alarm = try alarm()
    // From here on: a signal must not end the process before what it holds is given back.
    let signals = AskedSignals()
    let session = TopSession(source: try TopSource(wanted: vm, source), alarm: alarm)
    let isStream = json || batch || !Terminal.isTerminal(1) || !Terminal.isTerminal(0)
    try session.run {
      if isStream {
        return try TopStream(session: session, delay: delay, isJSON: json).looks(count, signals)
      }
      return try TopView(session: session, delay: delay).looks(count)
    }
  }

  private func length(
    _ text: String, _ name: String, _ range: ClosedRange<Nanoseconds>, _ what: String
  ) throws -> Nanoseconds {
    guard let length = Length.nanoseconds(text, bare: 1e9).map({ Nanoseconds($0) }),
      range.contains(length)
    else { throw ValidationError("\(name) \(Untrusted(text).terminal): not \(what)") }
    return length
  }

  /// What is to be recorded, and when; nil where nothing is.
  private func alarm() throws -> TopAlarm? {
    guard let on, let record else {
      if on != nil {
        throw ValidationError("--on: name the trace to record then with --record FILE")
      }
      if record != nil { throw ValidationError("--record: say when with --on CONDITION") }
      if duration != nil { throw ValidationError("--duration: is that of --on and --record") }
      return nil
    }
    guard record != "-" else { throw ValidationError("--record -: name a file") }
    let condition = try RowCondition(on)
    guard !condition.quantity.needsTrace || source == .trace else {
      throw ValidationError(
        "--on \(Untrusted(on).terminal): counters do not tell \(condition.quantity.rawValue); add --source trace"
      )
    }
    let length = try length(
      duration ?? "30", "--duration", 1...Nanoseconds(.max),
      "a length of time; for example 30s or 5m")
    do { _ = try Place(record) } catch {
      throw Output.Failure(
        description: "\(record.shown): cannot be written: \(error.text)\n  Name another file.")
    }
    return TopAlarm(condition, on, output: record, duration: length, vms: vm)
  }
}
