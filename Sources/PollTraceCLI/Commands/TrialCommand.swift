import ArgumentParser
import PollTrace
import PollTraceReplay
import PollTraceTrial
import PollTraceTuning

/// The command `polltrace trial`.
struct TrialCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trial",
    abstract:
      "Try settings on this running machine against the one that holds, and say which is better.",
    discussion: """
      Puts the current setting and the candidates in force in turn, in blocks of random order, and \
      measures each: polls, halts, wake-up latency, and what they cost. The first moment of a block is \
      left out. A candidate that is shown to do harm is not tried again; a gain is only believed at the end.

      Without --setting it tries what polltrace recommend says of TRACE; with both, TRACE says what to expect \
      of the settings. --setting takes a LIST as polltrace apply does, up to three times. All halts, or the idle \
      times of a guest (--target guest), are recorded meanwhile; with -o the trace is kept, and polltrace recommend \
      learns from all settings in it. A guest that cannot record itself is measured by its kernel's counts.

      The values of before are restored however it ends: at the end, at Ctrl-C, on a full disk, and by a guard \
      where this command is killed or hangs. With --keep a candidate that is better stays.

      Examples:
        polltrace trial trace.dat --keep
        polltrace trial --setting halt_poll_ns=50us --setting halt_poll_ns=0 --for 20m -o trial.dat

      Exit codes: 0 done; 1 ended early, and restored; 2 done, but something is missing from the data or contradicts the rules; 3 rolled back, since the \
      setting did harm; 64 wrong usage.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: "Traces of this host that say what to try.", completion: .file())
  var traces: [OSString] = []

  @Option(help: ArgumentHelp("A setting to try; up to three.", valueName: "list"))
  var setting: [OSString] = []

  @Option(name: .customLong("for"), help: ArgumentHelp("How long to try.", valueName: "time"))
  var length = "10m"

  @Option(help: ArgumentHelp("How long a block lasts.", valueName: "time"))
  var block = "20s"

  @Option(help: "What to weigh: efficiency, balanced or latency.")
  var objective = Objective.balanced

  @Option(
    help: ArgumentHelp(
      "The longest wake-up latency allowed: mean, p50, p99 or p999 of all halts (p99=50us).",
      valueName: "limit"))
  var maxWakeLatency: String?

  @OptionGroup var target: TargetArguments

  @Option(help: "The order of the blocks; at random where it is left out.")
  var seed: UInt64?

  @Flag(help: "Keep a candidate that is better.")
  var keep = false

  @Flag(help: "Also where it reaches no VM that runs, or the trace is another host's.")
  var force = false

  @Option(help: "How to show it.")
  var format = Format.text

  @Option(
    name: .shortAndLong, help: "Keep the trace of the trial in this file.", completion: .file())
  var output: OSString?

  /// Shorter in tests, which kill it and wait for the guard.
  @Option(
    help: ArgumentHelp(
      "How long the guard waits for a sign of life.", valueName: "time", visibility: .hidden))
  var patience = "15s"

  func validate() throws {
    guard !traces.isEmpty || !setting.isEmpty else {
      throw ValidationError(
        "name a trace, or a setting to try, for example --setting halt_poll_ns=50us")
    }
    guard setting.count <= 3 else {
      throw ValidationError("--setting: three settings at most are tried beside the current one")
    }
    _ = try limit()
    _ = try guardPatience()
    _ = try times(settings: max(1, setting.count) + 1)
  }

  func run() throws { try TrialConduct(self).run() }

  func limit() throws -> WakeLatencyLimit? {
    guard let text = maxWakeLatency else { return nil }
    guard let limit = WakeLatencyLimit(text) else {
      throw ValidationError(
        "--max-wake-latency \(Untrusted(text).terminal): not a limit; write p99=50us, with mean, "
          + "p50, p99 or p999")
    }
    return limit
  }

  func guardPatience() throws -> Nanoseconds {
    guard let length = Length.nanoseconds(patience, bare: 1e9), length >= 1_000_000_000 else {
      throw ValidationError(
        "--patience \(Untrusted(patience).terminal): not a time of 1s or longer")
    }
    return Nanoseconds(length)
  }

  /// How long it lasts, and each block of `settings` settings.
  func times(settings: Int) throws -> (length: Nanoseconds, block: Nanoseconds) {
    guard let length = Length.nanoseconds(self.length, bare: 1e9), length <= 86_400_000_000_000
    else {
      throw ValidationError(
        "--for \(Untrusted(self.length).terminal): not a time up to 24h; write 10m")
    }
    guard let block = Length.nanoseconds(block, bare: 1e9), block >= 1_000_000_000 else {
      throw ValidationError(
        "--block \(Untrusted(self.block).terminal): not a time of 1s or longer; write 20s")
    }
    let rounds = TrialDesign.rounds(settings, Nanoseconds(length), Nanoseconds(block))
    guard rounds >= TrialDesign.fewestRounds else {
      let seconds = block.times(UInt64(settings * TrialDesign.fewestRounds)) / 1_000_000_000
      throw ValidationError(
        "--for \(Untrusted(self.length).terminal): \(settings) settings need at least "
          + "\(TrialDesign.fewestRounds) blocks each: --for \(seconds)s, or a shorter --block")
    }
    return (Nanoseconds(length), Nanoseconds(block))
  }
}
