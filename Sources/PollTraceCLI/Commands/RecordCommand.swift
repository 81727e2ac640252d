import ArgumentParser
import PollTrace
import PollTraceCapture

/// The command `polltrace record`.
struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Record every halt of this host's vCPUs, or a guest's own polling, into a trace.dat.",
    discussion: """
      Works in a tracefs instance of its own, changes nothing outside it, and removes it however \
      recording ends: after --duration, at Ctrl-C, SIGTERM or SIGHUP, with COMMAND (which is ended \
      with SIGTERM where recording ends first), or on a full disk. A recording that was cut off \
      (SIGKILL) lies in OUTPUT.parts; --recover makes a trace of it. trace-cmd and KernelShark open \
      the trace, too.

      Costs 200 to 300 bytes of disk a halt, about 55 with --sched none.

      With --guest it records how this machine, as a guest, polls before it halts (the idle governor haltpoll); \
      that is also what it does where such a machine has no kvm.

      Examples:
        polltrace record --duration 30 -o trace.dat
        polltrace record --vm web1 --compress zstd -o web1.dat
        polltrace record --guest -o guest.dat
        polltrace record -o build.dat -- make -C /srv/project

      Exit codes: 0 done; 1 could not be done, or the disk was full (the trace holds what came \
      before); 2 done, but events were lost; 64 wrong usage.
      """)

  enum Compression: String, ExpressibleByArgument, CaseIterable { case none, zstd }

  @Option(
    help: ArgumentHelp(
      "How long to record (30, 5m); 30 seconds, or as long as COMMAND runs.", valueName: "time"))
  var duration: String?

  @Option(name: .shortAndLong, help: "The trace to make.", completion: .file())
  var output: OSString = "trace.dat"

  @Option(help: "Only this VM: its process id or its name. May be given more than once.")
  var vm: [OSString] = []

  @Flag(help: "Record how this machine's own CPUs idle and poll, as a guest (cpuidle-haltpoll).")
  var guest = false

  @Option(help: "The trace clock, as tracefs names it.")
  var clock = "mono"

  @Option(
    help: ArgumentHelp(
      "Ring buffer a CPU (64M); a bigger one outlasts a slow disk.", valueName: "size"))
  var bufferSize = "4M"

  @Option(
    help: ArgumentHelp(
      """
      Which scheduler events: full (also all switches between idle and any task, which show who else \
      wants a CPU, and interrupts that vCPUs accept), vcpus (those of vCPU threads), none (default: full, \
      in spans where it would cost more than 1 % of a CPU or double the trace).
      """))
  var sched: SchedulerEvents?

  @Flag(help: "The same as --sched none: less disk, no wake latencies.")
  var noSched = false

  @Option(help: "How to pack the trace when it is recorded: zstd takes a third of the disk.")
  var compress = Compression.none

  @Flag(help: "Make the trace of a recording that was cut off; records nothing.")
  var recover = false

  @Argument(parsing: .postTerminator, help: "A command to record while it runs, after --.")
  var command: [OSString] = []

  func run() throws {
    guard !recover else {
      try RecordingMessages.recovered(Recorder.recover(output: output), output)
      return
    }
    let messages = RecordingMessages()
    let summary = try Recorder.record(plan(), note: messages.note, progress: messages.progress)
    try messages.close(summary, output)
  }

  private func plan() throws -> RecordingPlan {
    guard output != "-" else {
      throw ValidationError("-o -: a trace is written in several places at once; name a file")
    }
    var plan = RecordingPlan(output: output)
    plan.duration = try duration.map(length) ?? (command.isEmpty ? 30_000_000_000 : nil)
    plan.vms = vm.map(\.text)
    plan.clock = clock
    guard let size = Size.bytes(bufferSize), size >= 8 << 10, size <= 4 << 30 else {
      throw ValidationError(
        "--buffer-size \(Untrusted(bufferSize).terminal): not a size from 8K to 4G; for example 64M"
      )
    }
    plan.bufferSize = size
    guard !noSched || sched == nil || sched == SchedulerEvents.none else {
      throw ValidationError("--no-sched and --sched \(sched?.rawValue ?? ""): give one of them")
    }
    plan.scheduler = noSched ? .none : sched ?? .full
    plan.keepsBudget = sched != .full
    plan.command = command
    plan.isPacked = compress == .zstd
    plan.recorder = Version.name
    guard !guest || vm.isEmpty else {
      throw ValidationError("--guest and --vm: a guest records itself, a host its VMs; give one")
    }
    plan.isGuest = guest || vm.isEmpty && command.isEmpty && Recorder.isGuestWithoutKVM
    return plan
  }

  private func length(_ text: String) throws -> Nanoseconds {
    guard let length = Length.nanoseconds(text, bare: 1e9), length > 0 else {
      throw ValidationError(
        "--duration \(Untrusted(text).terminal): not a length of time; for example 30s or 5m")
    }
    return Nanoseconds(length)
  }
}

extension SchedulerEvents: ExpressibleByArgument {}
