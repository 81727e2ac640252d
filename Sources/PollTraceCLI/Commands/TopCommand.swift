import ArgumentParser
import PollTrace
import PollTraceCapture
import PollTraceReport
import PollTraceStatistics

/// The command `polltrace top`.
struct TopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "Show which vCPUs poll, and what it costs, from KVM's own counters; no tracing.",
    discussion: """
      Reads the statistics that QEMU 8.1 and newer holds open for each vCPU, 1 us a vCPU, without \
      disturbing the guests; of other VMs KVM's sums in debugfs, where that is mounted. Counters know no \
      windows and no decisions, so nothing is recommended from them: what looks wrong is a reason to \
      record. Needs root, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.

      Keys: up, down, j, k choose a row; Enter one vCPU in detail; s sort; r reverse; / filter; p pause; \
      d delay; h help; q quit.

      Examples:
        polltrace top
        polltrace top --batch -n 1 -d 10
        polltrace top --json --vm web1 > web1.jsonl

      Exit codes: 0 done; 1 could not be done; 2 done, but of some VM nothing, or not all, could be seen \
      in the last look; 64 wrong usage.
      """)

  @Option(
    name: [.customShort("d"), .long],
    help: ArgumentHelp("Seconds between two looks (2, 500ms).", valueName: "time"))
  var delay = "1"

  @Option(name: [.customShort("n"), .long], help: "How many looks; without it, until interrupted.")
  var count: Int?

  @Option(help: "Only this VM: its process id or its name. May be given more than once.")
  var vm: [String] = []

  @Flag(help: "Plain tables, one after the other; so it is where standard output is no terminal.")
  var batch = false

  @Flag(help: "An object of JSON a line (docs/report-schema.md).")
  var json = false

  func run() throws {
    guard let length = Length.nanoseconds(delay, bare: 1e9).map({ Nanoseconds($0) }),
      TopState.delays.contains(length)
    else {
      throw ValidationError(
        "-d \(Untrusted(delay).terminal): not a time from 100ms to 1h; write 2 or 500ms")
    }
    guard count.map({ $0 > 0 }) ?? true else {
      throw ValidationError("-n \(count ?? 0): take at least one look")
    }
    let source = TopSource(wanted: vm)
    if json || batch || !Terminal.isTerminal(1) || !Terminal.isTerminal(0) {
      try TopStream(source, isJSON: json).run(every: length, count: count)
    } else {
      try TopView(source, delay: length).run(count: count)
    }
  }
}

/// Frames, one after the other, with what is said of the host.
final class TopSource {
  let statistics: KVMStatistics
  let kernel = Untrusted(Machine.name.release)
  /// VMs that were asked for and have not been seen.
  private var missing: Set<Untrusted>
  private var watch = CounterWatch()
  private(set) var parameters = ModuleParameters.read()
  private var used = OwnTime.cpu

  init(wanted: [String]) {
    missing = Set(wanted.map { Untrusted($0) })
    statistics = KVMStatistics(wanted: wanted)
  }

  /// The next frame; whether parameters changed since the one before.
  func next() -> (frame: CounterFrame, head: TopHead, hasChanged: Bool) {
    let begin = OwnTime.cpu
    let sample = statistics.sample()
    let read = OwnTime.cpu - begin
    let frame = watch.take(sample)
    for vm in frame.vms.map(\.vm) { missing.subtract(["\(vm.process.rawValue)", vm.name]) }
    let now = ModuleParameters.read()
    defer { parameters = now }
    let cpu = OwnTime.cpu
    defer { used = cpu }
    let share = frame.interval.flatMap { interval in
      interval > 0 ? Double((cpu - used).rawValue) / Double(interval.rawValue) : nil
    }
    let head = TopHead(
      kernel: kernel, parameters: now, ownShare: share, cpuTime: cpu, readTime: read)
    return (frame, head, now != parameters)
  }

  /// Waits until there is room to write to `descriptor`; VMs that end meanwhile are let go.
  func waitForRoom(_ descriptor: Int32) {
    while !statistics.wait(for: 3_600_000_000_000, or: .room(descriptor)) {}
  }

  /// Says what a frame lacks; throws the exit code where it lacks something.
  func close(_ frame: CounterFrame) throws {
    for name in missing.map(\.terminal).sorted() {
      StandardError.say("polltrace: no VM \(name) runs")
    }
    if !missing.isEmpty || frame.vms.contains(where: { $0.vm.lack != nil }) { throw ExitCode(2) }
  }
}

/// Frames as text or JSON on standard output.
struct TopStream {
  private let source: TopSource
  private let isJSON: Bool

  init(_ source: TopSource, isJSON: Bool) {
    self.source = source
    self.isJSON = isJSON
  }

  /// Takes `count` looks, or looks until whoever reads has gone.
  func run(every delay: Nanoseconds, count: Int?) throws {
    let output = try Output(path: nil, notOneOf: [])
    func write(_ text: String) throws { try output.write(Array(text.utf8), source.waitForRoom) }
    do {
      if isJSON {
        try write(
          JSONTop.meta(kernel: source.kernel, parameters: source.parameters, interval: delay))
      }
      _ = source.next()
      var left = count
      while left != 0 {
        _ = source.statistics.wait(for: delay)
        let (frame, head, hasChanged) = source.next()
        if isJSON {
          if hasChanged { try write(JSONTop.parametersChanged(head.parameters)) }
          try write(JSONTop.lines(frame, head))
        } else {
          try write(Terminal.spelt(TextTop.text(frame, head)))
        }
        left = left.map { $0 - 1 }
        if left == 0 { try source.close(frame) }
      }
    } catch is Output.ReaderIsGone {}
  }
}
