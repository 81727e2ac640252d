import ArgumentParser
import PollTrace
import PollTraceReplay
import PollTraceTuning

/// The command `polltrace apply`.
struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Set parameters of the running kernel, and take them back unless confirmed in time.",
    discussion: """
      LIST is halt_poll_ns=200us,grow=2,grow_start=10us,shrink=2 on a host, and \
      guest_halt_poll_ns=…,grow=…,grow_start=…,shrink=…,allow_shrink=Y in a guest (--target guest). \
      A name that is left out stays as it is. 'recommended TRACE' sets what polltrace recommend says of \
      TRACE.

      The values of before are on the disk before the first one is written. A timer of systemd, or a process \
      of its own where systemd does not run, restores them after --confirm-within, also when this command is \
      killed; a restart of the host does so by itself. What somebody else sets meanwhile is left alone.

      Examples:
        polltrace apply halt_poll_ns=50us,shrink=2 && sleep 60 && polltrace confirm
        polltrace apply recommended trace.dat --confirm-within 10m --persist

      Exit codes: 0 set; 1 could not be done, and nothing is changed; 2 set, but the trace lacks \
      something; 64 wrong usage.
      """)

  @Argument(
    help: ArgumentHelp("A LIST of values, or recommended and a trace.", valueName: "setting"))
  var setting: [OSString]

  @OptionGroup var target: TargetArguments

  @Option(
    help: ArgumentHelp("How long it may stay unconfirmed, 1s to 24h.", valueName: "time"))
  var confirmWithin = "2m"

  @Flag(help: "Also set it at each boot, once it is confirmed.")
  var persist = false

  @Flag(
    help:
      "Also where it reaches only VMs that start later, or the trace is another host's."
  )
  var force = false

  @Option(help: "With recommended: efficiency, balanced or latency.")
  var objective = Objective.balanced

  @Option(
    help: ArgumentHelp(
      "With recommended: the most that polling may take, in percent of a CPU per vCPU.",
      valueName: "pct"), transform: Percent.share)
  var maxPollCpu: Double?

  func validate() throws {
    guard setting.first != "recommended" || setting.count > 1 else {
      throw ValidationError("recommended: name a trace, for example recommended trace.dat")
    }
    guard setting.first == "recommended" || setting.count == 1 else {
      throw ValidationError("write the values as one LIST, for example halt_poll_ns=50us,grow=2")
    }
    _ = try within()
  }

  func run() throws {
    let target = target.value
    let wish = try wish(target)
    var plan = ChangePlan(
      target, [wish.setting], by: .apply, because: wish.reason, within: try within())
    plan.persists = persist
    plan.isForced = force
    let change: Change
    do throws(TuningError) {
      change = try Change.open(plan)
      try Self.set(wish.setting, change)
    } catch {
      guard error.kind == .nothing else { throw Usage.of(error) }
      return StandardError.say("polltrace: \(error.words)")
    }
    try Output.write(Terminal.spelt(shown(change, wish)), path: nil)
    if let ledger = wish.ledger { try Completeness.check(ledger) }
  }

  /// Sets it, or takes back what was set of it.
  private static func set(_ setting: Setting, _ change: Change) throws(TuningError) {
    do throws(TuningError) {
      try change.set(setting)
    } catch {
      let words = (try? change.close())?.words ?? ["its guard restores the values of before"]
      throw error.adding(words.isEmpty ? ["The values of before are restored."] : words)
    }
  }

  private func shown(_ change: Change, _ wish: Wish) -> String {
    (change.record.shown("set") + wish.notes.map { "  \($0)" } + [
      "  taken back after \(confirmWithin) unless: polltrace confirm"
    ]).joined(separator: "\n") + "\n"
  }

  private func within() throws -> Nanoseconds {
    guard let length = Length.nanoseconds(confirmWithin, bare: 1e9),
      (1_000_000_000...86_400_000_000_000).contains(length)
    else {
      throw ValidationError(
        "--confirm-within \(Untrusted(confirmWithin).terminal): not a time from 1s to 24h, for example 2m"
      )
    }
    return Nanoseconds(length)
  }
}

/// Which parameters.
struct TargetArguments: ParsableArguments {
  @Option(help: "host: kvm's parameters, for VMs; guest: haltpoll's, for this guest's own CPUs.")
  var target = Target.Name.host

  @Option(help: ArgumentHelp("A folder that stands for / in tests.", visibility: .hidden))
  var root: String = ""

  var value: Target { Target(target, root: root) }
}

extension Target.Name: ExpressibleByArgument {}

/// Errors of wrong usage, with their exit code.
enum Usage {
  static func of(_ error: TuningError) -> any Error {
    error.kind == .usage ? ValidationError(error.description) : error
  }
}
