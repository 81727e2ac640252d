package import PollTrace
package import PollTraceFile

/// Halts followed while they are recorded, without a file: pages in, what came of each thread, or of each CPU
/// of a guest, out.
///
/// They go the way of a trace's: decoded, grouped by thread, built into halts, their windows followed. It
/// is one pass, with the parameters that the machine shows. What a first pass over a trace learns for a second
/// one, such as a VM's own ceiling, is learnt at each harvest for what comes after it.
package struct LiveAnalysis {
  private let pages: LivePages
  private var rounds: Rounds
  private var trace: TraceDescription
  private var scope: TrackScope

  /// Follows what `pages` come to, recorded as `facts` say.
  package init(_ pages: LivePages, _ facts: RecordedFacts) {
    self.pages = pages
    trace = TraceDescription(
      path: "", format: "live", clock: .init(name: facts.clock, isTime: true),
      cpus: pages.sourceCount)
    trace.facts = facts
    trace.decisionsAreRecorded = true
    trace.wakeupsAreRecorded = true
    scope = Learning(of: trace, begin: nil, AnalysisOptions()).scope
    let scope = scope
    let guest = trace.guestSettings.map { GuestScope(settings: $0) }
    rounds = Rounds(
      (0..<pages.sourceCount).map {
        DecodedSource(
          pages.source($0), scope, of: pages.sourceCount, keepsGuests: guest != nil)
      },
      scope, Losses(), guest: guest, threads: 1)
  }

  /// Takes whole pages of `cpu`, which follow those before.
  package func add(_ bytes: [UInt8], of cpu: CPU) { pages.add(bytes, of: cpu) }

  /// So many changes of parameters are told apart.
  private static let mostChanges = 8

  /// From now on halts obey the parameters that `facts` say, with their last changes.
  package mutating func obey(_ facts: RecordedFacts) {
    trace.facts?.parameters = facts.parameters.suffix(Self.mostChanges)
    trace.facts?.guest?.parameters = facts.guest?.parameters.suffix(Self.mostChanges) ?? []
    if let guest = trace.guestSettings { return rounds.obey(guest) }
    var settings = TraceSettings(of: trace, AnalysisOptions()).settings
    settings.rules = scope.settings.rules
    scope.settings = settings
    for (thread, own) in scope.ownSettings {
      scope.ownSettings[thread] = PollSettings(
        rules: settings.rules, changes: settings.changes, ownCeiling: own.ownCeiling)
    }
    rounds.obey(scope)
  }

  /// Follows the events before `end`; all of them are among the pages.
  package mutating func follow(until end: Timestamp) {
    rounds.step(until: end)
    rounds.step(until: nil)
  }

  /// What came of each thread that has halted since the last time, until `end`, up to which events were
  /// followed; `vcpus` says which thread is of which VM.
  package mutating func harvest(
    at end: Timestamp, _ vcpus: [RecordedFacts.VCPUThread]
  ) -> [VCPUTrack] {
    let tracks = rounds.harvest(at: end)
    if tracks.contains(where: { $0.gapsShown > 0 || $0.fidelity.contradicted > 0 }) {
      trace.facts?.vcpus = vcpus
      learn(from: tracks)
    }
    return tracks
  }

  /// What came of each CPU of a guest since the last time, until `end`, up to which events were followed.
  package mutating func harvestGuest(at end: Timestamp) -> [GuestCPUTrack] {
    rounds.harvestGuest(at: end)
  }

  /// Has the halts to come obey what the decisions of `tracks` show, where that is something else.
  private mutating func learn(from tracks: [VCPUTrack]) {
    var learning = Learning(of: trace, begin: nil, AnalysisOptions())
    _ = learning.learns(from: tracks)
    let learnt = learning.scope
    guard learnt.settings != scope.settings || learnt.ownSettings != scope.ownSettings else {
      return
    }
    (scope.settings, scope.ownSettings) = (learnt.settings, learnt.ownSettings)
    rounds.obey(scope)
  }

  /// Forgets all threads but `threads`.
  package mutating func keep(_ threads: Set<ThreadID>) {
    rounds.keep { threads.contains($0.thread) }
  }

  /// The threads whose VM has shown a ceiling of its own, and that in ns.
  package var ownCeilings: [ThreadID: UInt32] { scope.ownSettings.compactMapValues(\.ownCeiling) }

  /// What reading counted: damage, for one.
  package var tally: ReadTally { rounds.tally }
  /// What is wrong with the kernel's descriptions of events, and with the events.
  package var ledger: Ledger {
    var ledger = pages.ledger
    ledger.merge(rounds.tally.ledger)
    return ledger
  }
}

extension TraceDescription {
  /// What the limits of a guest's CPUs obey; nil of a host's recording.
  fileprivate var guestSettings: GuestSettings? {
    facts?.guest == nil ? nil : GuestSettings.of(self, AnalysisOptions()).settings
  }
}
