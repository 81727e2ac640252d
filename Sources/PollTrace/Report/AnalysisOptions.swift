/// What a user says about a trace that overrules what the trace says.
package struct AnalysisOptions: Hashable, Sendable {
  /// Any of the four parameters (`--parameters`).
  package struct Overrides: Hashable, Sendable {
    package var ceiling: UInt32?
    package var grow: UInt32?
    package var growStart: UInt32?
    package var shrink: UInt32?
    /// Of a guest only.
    package var allowsShrink: Bool?
    package init() {}
    package var isEmpty: Bool { self == Overrides() }

    /// `parameters` with these put in.
    package func applied(to parameters: PollParameters) -> PollParameters {
      PollParameters(
        ceiling: ceiling ?? parameters.ceiling, grow: grow ?? parameters.grow,
        growStart: growStart ?? parameters.growStart, shrink: shrink ?? parameters.shrink)
    }
  }

  package var parameters = Overrides()
  /// Which rules (`--kernel`).
  package var rules: PollRules?
  /// The same of a guest's governor.
  package var guestRules: GuestRules?
  /// Only VMs whose process id or name is one of these; empty for all.
  package var vms: [String] = []
  /// Only these vCPU ids; empty for all.
  package var vcpus: [UInt32] = []
  /// Only halts that woke in this span, counted from the first event of the trace, in ns.
  package var from: Nanoseconds?
  package var to: Nanoseconds?

  package init() {}

  /// Whether only some halts are asked for.
  package var isSelective: Bool { !vms.isEmpty || !vcpus.isEmpty || from != nil || to != nil }
}

/// Where a parameter of a report comes from.
package enum ParameterSource: String, Hashable, Sendable {
  /// The recorder stored them.
  case recorded
  /// The user named them.
  case option
  /// The decisions show them.
  case inferred
  /// The kernel's defaults.
  case assumed
}

/// Where each of a report's parameters comes from.
package struct ParameterSources: Hashable, Sendable {
  package var ceiling: ParameterSource
  package var grow: ParameterSource
  package var growStart: ParameterSource
  package var shrink: ParameterSource

  /// All from the same.
  package init(_ source: ParameterSource) {
    (ceiling, grow, growStart, shrink) = (source, source, source, source)
  }

  /// In the order of `PollParameters`.
  package var all: [ParameterSource] { [ceiling, grow, growStart, shrink] }

  /// One word for all: a user's word overrules, and what is assumed in part is assumed.
  package var overall: ParameterSource {
    for source in [ParameterSource.option, .assumed, .inferred] where all.contains(source) {
      return source
    }
    return .recorded
  }
}
