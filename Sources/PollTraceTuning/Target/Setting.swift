package import PollTrace

/// Values for some of a target's parameters.
package struct Setting: Hashable, Sendable {
  /// By the name of the parameter's file; Y is 1 and N is 0.
  package var values: [String: UInt32]

  package init(_ values: [String: UInt32]) { self.values = values }

  /// kvm's four parameters.
  package init(_ parameters: PollParameters) {
    values = Dictionary(uniqueKeysWithValues: parameters.named.map { ($0.name, $0.value) })
  }

  /// haltpoll's five parameters.
  package init(_ parameters: GuestPollLimit.Parameters) {
    values = Dictionary(
      uniqueKeysWithValues: zip(
        GuestPollLimit.Parameters.names,
        [
          parameters.most, parameters.grow, parameters.growStart, parameters.shrink,
          parameters.allowsShrink ? 1 : 0,
        ]))
  }

  /// Reads a list `halt_poll_ns=200us,grow=2`, whose names may be left out or be those of the files.
  ///
  /// - Throws: what cannot be understood, or may not be set.
  package init(list text: String, for target: Target) throws(TuningError) {
    values = [:]
    for pair in text.split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      let names = target.parameters.map(\.short).joined(separator: ", ")
      let shown = Untrusted(String(pair)).terminal
      guard parts.count == 2 else {
        throw .usage("'\(shown)' is not NAME=VALUE", "For example \(target.ceiling.short)=200us.")
      }
      guard
        let parameter = target.parameters.first(where: { [$0.name, $0.short].contains(parts[0]) })
      else {
        throw .usage(
          "'\(Untrusted(parts[0]).terminal)' is none of \(names)",
          "These are the parameters of --target \(target.name.rawValue).")
      }
      guard values[parameter.name] == nil else {
        throw .usage("\(parameter.short) stands there twice", "Name it once.")
      }
      guard let value = Self.value(parts[1], of: parameter), value <= parameter.most else {
        throw .usage("'\(shown)': \(parameter.allowed)", nil)
      }
      values[parameter.name] = value
    }
    guard !values.isEmpty else {
      throw .usage("no parameter is named", "For example \(target.ceiling.short)=200us.")
    }
  }

  private static func value(_ text: String, of parameter: Parameter) -> UInt32? {
    parameter.kind == .length
      ? Length.nanoseconds(text, bare: 1).flatMap { UInt32(exactly: $0) } : parameter.value(text)
  }

  /// As a list, in the target's order.
  package func list(for target: Target) -> String {
    named(of: target).map { "\($0.parameter.short)=\($0.parameter.text($0.value))" }
      .joined(separator: ",")
  }

  /// The values with their parameters, in the target's order.
  package func named(of target: Target) -> [(parameter: Parameter, value: UInt32)] {
    target.parameters.compactMap { parameter in values[parameter.name].map { (parameter, $0) } }
  }

  /// These values, and those of `others` where there is none.
  package func over(_ others: Setting) -> Setting {
    Setting(values.merging(others.values) { own, _ in own })
  }

  /// The values of these names alone.
  package func only(_ names: some Sequence<String>) -> Setting {
    let names = Set(names)
    return Setting(values.filter { names.contains($0.key) })
  }
}

extension Parameter {
  /// What it may be, as a sentence's end.
  var allowed: String {
    switch kind {
    case .length: "\(short) takes a time from 0 to 10 ms, for example 200us"
    case .factor: "\(short) takes a whole number from 0 to \(most)"
    case .divisor: "\(short) takes a whole number from 0 to \(most)"
    case .allowance: "\(short) takes Y or N"
    }
  }
}
