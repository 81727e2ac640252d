/// A set of parameters that are set together: where they are, what they may be, and who obeys them.
package struct Target: Hashable, Sendable {
  package enum Name: String, Hashable, Sendable, Codable, CaseIterable {
    /// kvm's parameters, which this host's VMs obey.
    case host
    /// haltpoll's parameters, which this guest's own CPUs obey.
    case guest
  }

  package let name: Name
  /// The kernel module whose parameters they are.
  package let module: String
  /// The longest polling interval comes first.
  package let parameters: [Parameter]
  /// A folder that stands for `/`; empty for the machine itself.
  package let root: String

  package init(_ name: Name, root: String = "") {
    self.name = name
    self.root = root
    let (prefix, kvm): (String, Bool) =
      name == .host ? ("halt_poll_ns", true) : ("guest_halt_poll", false)
    module = kvm ? "kvm" : "haltpoll"
    let ceiling = kvm ? prefix : "\(prefix)_ns"
    let others: [(String, Parameter.Kind)] = [
      ("grow_start", .length), ("grow", .factor), ("shrink", .divisor),
    ]
    parameters =
      [Parameter(name: ceiling, short: ceiling, kind: .length)]
      + others.map { Parameter(name: "\(prefix)_\($0)", short: $0, kind: $1) }
      + (kvm
        ? []
        : [Parameter(name: "\(prefix)_allow_shrink", short: "allow_shrink", kind: .allowance)])
  }

  /// The folder of their files.
  package var folder: String { "\(root)/sys/module/\(module)/parameters" }

  /// The longest polling interval there may be; 0 switches polling off.
  package var ceiling: Parameter { parameters[0] }

  /// Who obeys them, for sentences.
  package var obeyedBy: String {
    switch name {
    case .host: "this host's VMs"
    case .guest: "this guest's own CPUs"
    }
  }

  /// The parameter of the file `name`.
  package func parameter(_ name: String) -> Parameter? { parameters.first { $0.name == name } }
}
