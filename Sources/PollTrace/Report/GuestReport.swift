/// What a trace of a guest's own polling shows, CPU by CPU.
package struct GuestReport: Hashable, Sendable {
  /// One CPU's report.
  package struct CPUReport: Hashable, Sendable {
    package var cpu: CPU
    package var figures: IdleFigures
    /// Its idle times over time, where pictures were asked for.
    package var timeline: Timeline?
    package init(cpu: CPU, figures: IdleFigures) { (self.cpu, self.figures) = (cpu, figures) }
  }

  package var settings: GuestSettings
  package var sources: GuestSources
  /// By number.
  package var cpus: [CPUReport]

  package init(settings: GuestSettings, sources: GuestSources, cpus: [CPUReport]) {
    (self.settings, self.sources, self.cpus) = (settings, sources, cpus)
  }

  /// The parameters that held in the beginning.
  package var parameters: GuestPollLimit.Parameters { settings.changes[0].parameters }
  /// All CPUs together.
  package var total: IdleFigures { IdleFigures(totalOf: cpus.map(\.figures)) }
}

/// Where a guest's parameters and rules are known from.
package struct GuestSources: Hashable, Sendable {
  /// Of each parameter, in the order of `GuestPollLimit.Parameters.names`.
  package var parameters: [ParameterSource]
  /// Whether the rules were taken from a kernel's release or from the user, or assumed.
  package var rulesAreKnown: Bool
  /// Whether the decisions showed other rules than the release says.
  package var rulesAreInferred = false

  package init(parameters: [ParameterSource], rulesAreKnown: Bool) {
    (self.parameters, self.rulesAreKnown) = (parameters, rulesAreKnown)
  }

  /// One word for all: a user's word overrules, and what is assumed in part is assumed.
  package var overall: ParameterSource {
    for source in [ParameterSource.option, .assumed, .inferred] where parameters.contains(source) {
      return source
    }
    return .recorded
  }
}

extension GuestSettings {
  /// What the trace and the user say; the kernel's defaults where neither does.
  package static func of(
    _ trace: TraceDescription, _ options: AnalysisOptions
  ) -> (settings: GuestSettings, sources: GuestSources) {
    let release = [trace.facts?.kernel, trace.kernel].compactMap(\.self).first { !$0.isEmpty }
    let known = options.guestRules ?? release.flatMap { GuestRules.of(release: $0.unescaped) }
    var settings = GuestSettings(rules: known ?? .newest)
    var source = ParameterSource.assumed
    let recorded = trace.facts?.guest?.parameters ?? []
    if let first = recorded.first {
      source = .recorded
      settings.changes = [Change(since: Timestamp(0), parameters: first.parameters)]
      for (before, change) in zip(recorded, recorded.dropFirst()) {
        guard let since = change.since else { continue }
        settings.changes.append(
          Change(
            since: since, notBefore: change.notBefore ?? before.since,
            parameters: change.parameters))
      }
    }
    let named = options.parameters
    for index in settings.changes.indices {
      settings.changes[index].parameters = named.applied(to: settings.changes[index].parameters)
    }
    let isNamed = [
      named.ceiling != nil, named.grow != nil, named.growStart != nil, named.shrink != nil,
      named.allowsShrink != nil,
    ]
    let sources = GuestSources(
      parameters: isNamed.map { $0 ? .option : source }, rulesAreKnown: known != nil)
    return (settings, sources)
  }
}

extension AnalysisOptions.Overrides {
  /// `parameters` with these put in; `ceiling` is `guest_halt_poll_ns`.
  package func applied(to parameters: GuestPollLimit.Parameters) -> GuestPollLimit.Parameters {
    var changed = parameters
    changed.most = ceiling ?? changed.most
    changed.grow = grow ?? changed.grow
    changed.growStart = growStart ?? changed.growStart
    changed.shrink = shrink ?? changed.shrink
    changed.allowsShrink = allowsShrink ?? changed.allowsShrink
    return changed
  }
}
