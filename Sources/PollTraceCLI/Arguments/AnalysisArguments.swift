import ArgumentParser
import PollTrace

/// The options of every command that reads traces.
struct AnalysisArguments: ParsableArguments {
  @OptionGroup var selection: SelectionArguments

  @Option(help: "Only halts that ended before this time since the first event.")
  var to: String?

  @OptionGroup var parameters: ParameterArguments

  /// The model's options; throws what cannot be understood.
  func options() throws -> AnalysisOptions { try selection.options(until: to, "--to", parameters) }
}

/// Which halts a user asks for, but for when they end.
struct SelectionArguments: ParsableArguments {
  @Option(help: "Only this VM: its process id or its name. May be given more than once.")
  var vm: [OSString] = []

  @Option(help: "Only vCPUs with this id. May be given more than once.")
  var vcpu: [UInt32] = []

  @Option(help: "Only halts that ended at or after this time since the first event (5s, 200ms).")
  var from: String?

  /// The model's options; `end` was given as `option`.
  func options(
    until end: String?, _ option: String, _ parameters: ParameterArguments
  ) throws -> AnalysisOptions {
    var options = AnalysisOptions()
    options.vms = vm.map(\.text)
    options.vcpus = vcpu
    options.from = try from.map { try Self.span($0, "--from") }
    options.to = try end.map { try Self.span($0, option) }
    try parameters.put(into: &options)
    return options
  }

  private static func span(_ text: String, _ option: String) throws -> Nanoseconds {
    guard let length = Length.nanoseconds(text, bare: 1e9) else {
      throw ValidationError(
        "\(option) \(Untrusted(text).terminal): not a length of time; for example 5s or 200ms")
    }
    return Nanoseconds(length)
  }
}

/// What a user says that the traced kernel obeyed.
struct ParameterArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Parameters that overrule those of the trace.",
      discussion: """
        halt_poll_ns=…,grow=…,grow_start=…,shrink=…; each may be left out. Of a guest: \
        guest_halt_poll_ns=…, also allow_shrink=Y or N.
        """,
      valueName: "list"))
  var parameters: String?

  @Option(help: "The kernel whose rules hold, whatever the trace says (6.1).")
  var kernel: String?

  func put(into options: inout AnalysisOptions) throws {
    if let kernel {
      options.guestRules = GuestRules.of(release: kernel)
      guard let rules = PollRules.of(release: kernel) else {
        throw ValidationError(
          "--kernel \(Untrusted(kernel).terminal): not a kernel release from 4.3 on; for example 6.1"
        )
      }
      options.rules = rules
    }
    if let parameters { options.parameters = try ParameterList.overrides(parameters) }
  }
}

/// The value of `--parameters`.
enum ParameterList {
  static func overrides(_ text: String) throws -> AnalysisOptions.Overrides {
    let words = Untrusted(text).terminal
    var overrides = AnalysisOptions.Overrides()
    for pair in text.split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2, ["allow_shrink", "guest_halt_poll_allow_shrink"].contains(parts[0]) {
        guard let allows = flag(parts[1]) else {
          throw ValidationError("--parameters \(words): allow_shrink is Y or N")
        }
        overrides.allowsShrink = allows
        continue
      }
      guard parts.count == 2, let value = value(parts[1]) else {
        throw ValidationError(
          "--parameters \(words): '\(Untrusted(String(pair)).terminal)' is not NAME=VALUE with a value of 0 to 4294967295"
        )
      }
      switch parts[0] {
      case "halt_poll_ns", "guest_halt_poll_ns": overrides.ceiling = value
      case "grow", "halt_poll_ns_grow", "guest_halt_poll_grow": overrides.grow = value
      case "grow_start", "halt_poll_ns_grow_start", "guest_halt_poll_grow_start":
        overrides.growStart = value
      case "shrink", "halt_poll_ns_shrink", "guest_halt_poll_shrink": overrides.shrink = value
      default:
        throw ValidationError(
          "--parameters \(words): '\(Untrusted(parts[0]).terminal)' is none of halt_poll_ns, grow, grow_start, shrink"
        )
      }
    }
    return overrides
  }

  /// A yes or no as the kernel takes it.
  static func flag(_ text: String) -> Bool? {
    switch text {
    case "Y", "y", "1": true
    case "N", "n", "0": false
    default: nil
    }
  }

  /// A 32-bit value, with or without a unit of time.
  static func value(_ text: String) -> UInt32? {
    Length.nanoseconds(text, bare: 1).flatMap { UInt32(exactly: $0) }
  }
}
