/// Which rules and parameters a trace obeys, and how that is known.
package struct TraceSettings: Hashable, Sendable {
  package var settings: PollSettings
  package var sources: ParameterSources
  /// Whether the rules were taken from a kernel's release or from the user, or assumed.
  package var rulesAreKnown: Bool

  /// What the trace and the user say; the kernel's defaults where neither does.
  package init(of trace: TraceDescription, _ options: AnalysisOptions) {
    let release = [trace.facts?.kernel, trace.kernel].compactMap(\.self).first { !$0.isEmpty }
    var known = options.rules ?? release.flatMap { PollRules.of(release: $0.unescaped) }
    if known == nil, !trace.hasValidField { known = .linux4_3 }
    let rules = known ?? .newest
    rulesAreKnown = known != nil
    let recorded = trace.facts?.parameters ?? []
    if let first = recorded.first {
      var changes = [PollSettings.Change(since: Timestamp(0), parameters: first.parameters)]
      for (before, change) in zip(recorded, recorded.dropFirst()) {
        guard let since = change.since else { continue }
        changes.append(
          .init(
            since: since, notBefore: change.notBefore ?? before.since,
            parameters: change.parameters))
      }
      settings = PollSettings(rules: rules, changes: changes)
      sources = ParameterSources(.recorded)
    } else {
      let arch = [trace.facts?.arch, trace.arch].compactMap(\.self).first { !$0.isEmpty }
      settings = PollSettings(rules: rules, parameters: rules.defaults(arch: arch?.unescaped))
      sources = ParameterSources(.assumed)
    }
    if !options.parameters.isEmpty {
      for index in settings.changes.indices {
        settings.changes[index].parameters = options.parameters.applied(
          to: settings.changes[index].parameters)
      }
      if options.parameters.ceiling != nil { sources.ceiling = .option }
      if options.parameters.grow != nil { sources.grow = .option }
      if options.parameters.growStart != nil { sources.growStart = .option }
      if options.parameters.shrink != nil { sources.shrink = .option }
    }
  }
}
