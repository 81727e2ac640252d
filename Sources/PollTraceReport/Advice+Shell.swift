internal import PollTrace
internal import PollTraceReplay

/// The recommendation as shell lines for root: each does its work alone, in any POSIX shell.
///
/// Nothing of a trace but numbers gets into them. What is not known of the host, the line asks.
extension Advice {
  /// Shell lines that set the recommendation, now and at each boot.
  package var apply: [String] {
    guard case .change = value.verdict, let then = value.recommended?.parameters else { return [] }
    let words = ShellLines(value.module)
    let now = value.hostSettings > 1 ? nil : value.current.parameters
    return words.set(then, over: now) + [words.keep(then)]
  }

  /// Shell lines that set what was recorded again, and at each boot what was set before.
  package var undo: [String] {
    guard case .change = value.verdict, let now = value.current.parameters else { return [] }
    let words = ShellLines(value.module)
    let values =
      value.hostSettings > 1
      ? ["# write the values noted before on this host to \(ShellLines.folder)/halt_poll_ns*"]
      : words.set(now, over: value.recommended?.parameters)
    return values + [words.keepNoMore]
  }
}

/// How kvm's parameters are set by a shell.
struct ShellLines {
  static let folder = "/sys/module/kvm/parameters"
  private static let options = "/etc/modprobe.d/polltrace.conf"
  private static let fixed = "cannot be written on this kernel: only the setting at boot changes it"
  private static let names = PollParameters.names.map { "kvm.\($0)" }.joined(separator: ", ")

  let module: KVMModule

  init(_ module: KVMModule) { self.module = module }

  /// Each parameter with what is known of it, but for those that the kernel does not have.
  private func known(
    _ parameters: PollParameters
  ) -> [(name: String, value: UInt32, access: KVMModule.Access?)] {
    zip(parameters.named, module.access).filter { $0.1 != .absent }
      .map { ($0.0.name, $0.0.value, $0.1) }
  }

  /// Lines that set `parameters` now, where `before` holds; nil where that is not known.
  func set(_ parameters: PollParameters, over before: PollParameters?) -> [String] {
    let old = before.map(known)?.map(\.value)
    return known(parameters).enumerated().compactMap { place, parameter in
      let file = "\(Self.folder)/\(parameter.name)"
      let write = "echo \(parameter.value) > \(file)"
      switch parameter.access {
      case .writable: return write
      case .readOnly:
        if old?[place] == parameter.value { return nil }
        return "# \(parameter.name) \(Self.fixed)"
      case .absent: return nil
      case nil:
        return "[ ! -e \(file) ] || \(write) || echo '\(parameter.name) \(Self.fixed)' >&2"
      }
    }
  }

  /// The line that has `parameters` set at each boot.
  func keep(_ parameters: PollParameters) -> String {
    let values = known(parameters).map { "\($0.name)=\($0.value)" }
    let words = values.map { "kvm.\($0)" }.joined(separator: " ")
    return either(
      module: "echo 'options kvm \(values.joined(separator: " "))' > \(Self.options)",
      builtIn: "for each boot add to its command line: \(words)")
  }

  /// The line that takes back what `keep` did.
  var keepNoMore: String {
    either(
      module: "rm -f \(Self.options)",
      builtIn: "remove from its command line what was added: \(Self.names)")
  }

  /// What to do where kvm is a module, and what to say where it is built in; both, where only the host
  /// can tell: a module that is loaded has a file `initstate`.
  private func either(module line: String, builtIn advice: String) -> String {
    let words = "kvm is built into the kernel: \(advice)"
    return switch module.linkage {
    case .module: line
    case .builtIn: "# \(words)"
    case nil: "if [ -e /sys/module/kvm/initstate ]; then \(line); else echo '\(words)' >&2; fi"
    }
  }
}
