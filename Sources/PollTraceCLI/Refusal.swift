import PollTrace
import PollTraceAnalysis
import PollTraceExport
import PollTraceFile
import PollTraceReplay
import PollTraceReport

/// Why nothing can be predicted from a trace, or shown over time.
struct Refusal: Error, CustomStringConvertible {
  var description: String

  /// The same as the end of a paragraph.
  var paragraph: String { description.hasSuffix(".") ? description : description + "." }

  static func noTimeline(_ trace: TraceDescription) -> Refusal {
    Refusal(
      description:
        "\(trace.path.terminal): its clock \(trace.clock.name.terminal) does not count time, "
        + "so there is no timeline\n  Export it with --to csv, or record with the clock mono.")
  }

  static func noSummary(_ trace: TraceDescription, _ why: SummaryTable.Refusal) -> Refusal {
    let words =
      switch why {
      case .noTime:
        "its clock \(trace.clock.name.terminal) does not count time, so nothing can be said by "
          + "interval\n  Record with the clock mono."
      case .pauses:
        "there are times in which nothing was recorded, so intervals would be cut wrong\n  Leave "
          + "--interval out."
      case .tooMany: "too many intervals\n  Give --interval a longer time."
      }
    return Refusal(description: "\(trace.path.terminal): \(words)")
  }

  /// Where none of the VMs that `options` name is in any trace; nil where one is, or none is named.
  static func noSuchVM(_ options: AnalysisOptions, _ report: Report) -> Refusal? {
    var named = AnalysisOptions()
    named.vms = options.vms
    let others = report.traces.flatMap(\.leftOut)
    guard !named.vms.isEmpty, !others.isEmpty, report.traces.allSatisfy(\.vcpus.isEmpty),
      !others.contains(where: { $0.matches(named) })
    else { return nil }
    let there = Set(others.map(\.vmLabel)).sorted()
    let list = there.prefix(8).joined(separator: ", ") + (there.count > 8 ? ", …" : "")
    return Refusal(
      description:
        "No VM '\(named.vms.map { Untrusted($0).terminal }.joined(separator: "', '"))' in "
        + "\(report.traces.map(\.trace.path.terminal).joined(separator: ", ")). There are: \(list)")
  }

  /// A guest's trace has no halts of vCPUs; `use` is what shows its own idle times.
  static func ofGuest(_ report: Report, use: String) -> Refusal? {
    report.traces.first { $0.guest != nil }.map {
      Refusal(
        description: "\($0.trace.path.terminal): a guest's own trace has no halts of vCPUs\n"
          + "  \(use)")
    }
  }

  /// A host's traces and a guest's have different figures: a table has those of one side.
  static func ofBothSides(_ report: Report) -> Refusal? {
    guard !report.isGuests, let guest = report.traces.first(where: { $0.guest != nil }) else {
      return nil
    }
    return Refusal(
      description:
        "\(guest.trace.path.terminal): a guest's own trace beside a host's makes no table\n"
        + "  Show both as text or JSON, or each side alone.")
  }

  static func nothingToReplay(_ report: Report) -> Refusal {
    if let trace = report.traces.first(where: { !$0.trace.clock.isTime }) {
      return Refusal(
        description:
          "\(trace.trace.path.terminal): its clock \(trace.trace.clock.name.terminal) does not count "
          + "time, so nothing can be predicted; record with the clock mono")
    }
    let paths = report.traces.map(\.trace.path.terminal).joined(separator: ", ")
    let offers = report.traces.filter(\.matchesNothing).map(\.offer.terminal)
    guard offers.isEmpty else {
      return Refusal(
        description: "\(paths): no halts to replay: none match the filters\n  "
          + offers.joined(separator: "\n  "))
    }
    let reasons: [Ledger.Kind] = [.wakeupsNotRecorded, .guestTrace, .guestIdles, .neverIdle]
    if let trace = report.traces.first(where: { reasons.contains($0.absence) }) {
      let why = trace.absence
      return Refusal(
        description: "\(trace.trace.path.terminal): nothing to replay: \(why.explanation)\n  "
          + (why.remedy ?? ""))
    }
    if let trace = report.traces.first(where: {
      !$0.decisionsAreRecorded && !$0.vcpus.isEmpty
    }) {
      return Refusal(
        description: "\(trace.trace.path.terminal): kvm_halt_poll_ns was not recorded, so no poll "
          + "window is known to replay from\n  Record it as well, as polltrace record does.")
    }
    let unreadable = report.ledger.entries.filter { $0.kind == .unreadableTrace }
    let further = unreadable.map { "\n  " + $0.detail.terminal }.joined()
    return Refusal(
      description: "\(paths): no halts to replay; record while a VM runs "
        + "(polltrace check says what is missing)" + further)
  }
}

extension AnalysedTraces {
  /// The replay of guests' traces; nil where all are of hosts.
  ///
  /// - Throws: `Refusal` where traces of both are named, or there is nothing to replay.
  func guestReplay() throws -> GuestReplay? {
    let report = report
    guard report.traces.contains(where: { $0.guest != nil }) else { return nil }
    guard report.isGuests else {
      throw Refusal(
        description: "traces of a host and of a guest: each polls by rules of its own\n"
          + "  Name one side's traces at a time.")
    }
    guard let replay = GuestReplay(guestCPUs, threads: Processors.usable) else {
      throw Refusal.nothingToReplay(report)
    }
    return replay
  }

  /// Analyses the traces that a user names, on all processors.
  ///
  /// - Throws: `Refusal` where none can be read.
  init(
    _ paths: [OSString], _ options: AnalysisOptions,
    _ fill: (inout TraceAnalysis.Request) -> Void = { _ in }
  ) throws {
    var request = TraceAnalysis.Request()
    fill(&request)
    do throws(Unreadable) {
      try self.init(paths, options, request, threads: Processors.usable)
    } catch {
      throw Refusal(description: error.errors.map(\.description).joined(separator: "\n"))
    }
    // Beside a host's trace --vm chooses the VM that is the guest.
    if !options.vms.isEmpty, analyses.allSatisfy({ $0.report.guest != nil }) {
      throw Refusal(
        description: "\(analyses[0].report.trace.path.terminal): a guest's own trace has no VMs\n  "
          + "Choose its CPUs with --vcpu.")
    }
  }

  /// The same with all that a replay needs.
  init(forReplay paths: [OSString], _ options: AnalysisOptions) throws {
    try self.init(paths, options) { $0.logged = Self.logged / paths.count }
  }

  /// The vCPUs whose decisions were recorded: without them what polls cost is not known.
  consuming func decidedVCPUs() -> [RecordedVCPU] {
    vcpus().filter(\.figures.decisionsAreRecorded)
  }
}
