package import PollTrace
package import PollTraceFile
package import PollTraceReplay

/// A trace from its bytes to its report, its halts one by one, and its vCPUs ready for replay.
///
/// One pass over the trace is enough where it shows what the trace says; where its decisions show
/// other settings, a second one knows them. There is never a third.
package struct TraceAnalysis: Sendable {
  /// What is wanted beside figures.
  package struct Request: Sendable {
    /// Timelines of so many bins, for pictures.
    package var bins: Int?
    /// Logs of so many halts at most, for a replay; of more halts a sample spread over the trace.
    package var logged: Int?
    /// Of traces with more halts than this nothing is logged.
    package var largest = UInt64.max
    /// Whether halts are wanted one by one: then the second pass hands them over.
    package var halts = false

    package init() {}
  }

  /// All that is known so far: of halts that are still to be handed over, who halted.
  package private(set) var report: TraceReport
  /// How many passes were made.
  package private(set) var passes = 1

  private let reader: any TraceReader
  private let threads: Int
  private let pages: Int
  private var learning: Learning
  private var openings: [ThreadID: Openings]
  /// What else the host did while halts were logged.
  private var activity = HostActivity()
  /// How a guest's trace was followed; nil of a host's.
  private var guestScope: GuestScope?
  /// What the first pass found of a guest's own polling.
  private var guestTracks: [GuestCPUTrack] = []
  /// The logged halts of each thread.
  package private(set) var logs: [ThreadID: HaltLog] = [:]
  /// Those of a guest's CPUs.
  package private(set) var guestLogs: [(cpu: CPU, log: HaltLog)] = []

  /// Analyses the trace at `path`, `-` for standard input.
  ///
  /// - Throws: what keeps the file from being read as a trace at all.
  package init(
    path: OSString, _ options: AnalysisOptions, _ request: Request = Request(), threads: Int,
    pages: Int? = nil
  ) throws(TraceFileError) {
    let before = SharedFiles.state(of: path)
    self.init(
      try TraceFormats.open(path: path), options, request, threads: threads, pages: pages)
    if SharedFiles.state(of: path) != before {
      report.ledger.note(.changedWhileRead, 1, Untrusted(path.shown))
    }
  }

  /// The same of a path that is text.
  package init(
    path: String, _ options: AnalysisOptions, _ request: Request = Request(), threads: Int,
    pages: Int? = nil
  ) throws(TraceFileError) {
    try self.init(path: OSString(path), options, request, threads: threads, pages: pages)
  }

  /// Analyses what `reader` has opened, on `threads` threads, in rounds of `pages` pages.
  package init(
    _ reader: any TraceReader, _ options: AnalysisOptions, _ request: Request = Request(),
    threads: Int, pages: Int? = nil
  ) {
    self.reader = reader
    self.threads = threads
    self.pages = pages ?? Pass.pagesOfRound
    learning = Learning(of: reader.description, begin: reader.begin, options)
    var scope = learning.scope
    let axis = request.bins.flatMap { scope.axis(reader.begin, reader.end, bins: $0) }
    scope.keeps.timeline = axis
    // Of a large trace all would not be kept anyway.
    let isSample = request.logged.map { reader.size / Self.bytesOfHalt > $0 } ?? false
    let hasOccupancy = scope.clockIsTime && reader.description.mayShowOtherTasks
    if request.logged != nil, scope.clockIsTime, !isSample {
      scope.keeps.log = .all
      scope.keeps.occupancy = hasOccupancy
    }
    scope.keeps.times = request.logged != nil && scope.clockIsTime
    var pass = Pass(reader: reader, scope: scope, threads: threads, pages: self.pages)
    pass.mostLogged = request.logged ?? 0
    let guest = GuestSettings.of(reader.description, options)
    if reader.description.mayShowGuestIdles, scope.clockIsTime {
      var guestScope = GuestScope(settings: guest.settings)
      (guestScope.from, guestScope.to) = (scope.from, scope.to)
      guestScope.keeps.log = request.logged == nil ? .none : .all
      guestScope.keeps.times = request.logged != nil
      guestScope.keeps.timeline = axis
      pass.guest = guestScope
    }
    var result = pass.run { _ in }
    if result.isGuests(reader.description) {
      let axisNow = request.bins.flatMap {
        scope.axis(result.tally.first, result.tally.last, bins: $0)
      }
      if axisNow != axis || result.isLogDropped {
        pass.guest?.keeps.timeline = axisNow
        if result.isLogDropped { pass.guest?.keeps.log = Self.sample(of: result, pass.mostLogged) }
        pass.mostLogged = .max
        result = pass.run { _ in }
        passes = 2
      }
      report = TraceReport(
        guest: result, learning, reader, guest.settings, guest.sources, axis: axisNow)
      openings = [:]
      guestScope = pass.guest
      guestLogs = result.guest.map { ($0.cpu, $0.log) }
      return
    }
    let isNew = learning.learns(from: result.tracks, result.activity.occupancy)
    openings = result.openings
    let axisNow = request.bins.flatMap {
      scope.axis(result.tally.first, result.tally.last, bins: $0)
    }
    let isTooLarge = result.halts > request.largest
    let isAgain =
      isNew || axisNow != axis || ((result.isLogDropped || isSample) && !isTooLarge)
      || openings.values.contains(where: \.areNeeded)
    if isAgain, !request.halts {
      scope = learning.scope
      scope.openings = openings
      scope.keeps.timeline = axisNow
      if let most = request.logged, learning.scope.clockIsTime, !isTooLarge {
        Self.log(&scope.keeps, of: result, most: most)
        scope.keeps.occupancy = hasOccupancy
      }
      let decisions = result.guest
      // Its figures are counted again.
      result.tracks = []
      result = Pass(reader: reader, scope: scope, threads: threads, pages: self.pages).run { _ in }
      result.guest = decisions
      passes = 2
    }
    guestTracks = result.guest
    report = TraceReport(result, learning, reader, axis: scope.keeps.timeline)
    if request.logged != nil {
      activity = result.activity
      logs = Dictionary(
        result.tracks.map { ($0.thread, $0.log) }, uniquingKeysWith: { $1 })
    }
  }

  /// About `most` of the idle times that `pass` found, spread over each CPU's.
  private static func sample(of pass: Pass.Result, _ most: Int) -> GuestScope.Log {
    let times = pass.guest.reduce(HaltTimes()) { $0 + $1.times }
    let idles = pass.guest.map { ($0.cpu, $0.figures.idles) }
    return .sample(
      HaltSample.each(of: Dictionary(idles, uniquingKeysWith: { $1 }), at: times, most: most))
  }

  /// A halt and its scheduler events take about as many bytes or more in a trace.dat.
  private static let bytesOfHalt = 160

  /// Has a log kept of the halts that `pass` found: of about `most` where they are more.
  private static func log(_ keeps: inout TrackScope.Keeps, of pass: Pass.Result, most: Int) {
    let threads = Dictionary(
      pass.tracks.map { ($0.thread, $0.measures.halts) }, uniquingKeysWith: { $1 })
    let share = Double(most) / Double(max(1, pass.halts))
    if share < 1 {
      let times = pass.tracks.reduce(HaltTimes()) { $0 + $1.times }
      keeps.log = .sample(HaltSample.each(of: threads, at: times, most: most))
    } else {
      keeps.log = .all
    }
    // Growing by doubling takes twice the memory; room that is not used takes none.
    keeps.room = threads.mapValues { Int(min(Double($0), Double(most) / 2 + Double($0) * share)) }
  }
}

extension TraceAnalysis {
  /// What was recorded for a replay; the trace itself is given back.
  package consuming func recorded() -> RecordedTrace {
    RecordedTrace(
      report: report, scope: learning.scope, logs: logs, activity: activity, threads: threads)
  }

  /// Hands every halt of the report over, in order of time, in batches of bounded size.
  ///
  /// The report is whole afterwards. False where the trace is not as it was any more.
  package mutating func halts<Failure: Error>(
    _ take: ([ReportedHalt]) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    let places = Dictionary(
      report.vcpus.enumerated().map { ($1.identity.thread, $0) }, uniquingKeysWith: { $1 })
    var scope = learning.scope
    scope.openings = openings
    scope.keeps.halts = true
    let pass = Pass(reader: reader, scope: scope, threads: threads, pages: pages)
    var result = try pass.run { kept throws(Failure) in
      var halts = kept.compactMap { halt in
        places[halt.thread].map { ReportedHalt(vcpu: $0, halt: halt.halt) }
      }
      halts.sortByTime()
      try take(halts)
    }
    result.guest = guestTracks
    passes += 1
    let before = report.vcpus.map(\.figures.measures.halts)
    report = TraceReport(result, learning, reader)
    return before == report.vcpus.map(\.figures.measures.halts)
  }
}

extension TraceAnalysis {
  /// Hands every idle time of a guest's report over, those of each CPU in order of time, in batches of
  /// bounded size; none of a host's.
  ///
  /// False where the trace is not as it was any more.
  package func idles<Failure: Error>(
    _ take: ([KeptIdle]) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    guard let guest = report.guest, var scope = guestScope else { return true }
    let cpus = Set(guest.cpus.map(\.cpu))
    scope.keeps = GuestScope.Keeps()
    scope.keeps.idles = true
    scope.settings = guest.settings
    var pass = Pass(reader: reader, scope: learning.scope, threads: threads, pages: pages)
    pass.guest = scope
    var count: UInt64 = 0
    _ = try pass.run({ _ throws(Failure) in }) { kept throws(Failure) in
      var idles = kept.filter { cpus.contains($0.cpu) }
      guard !idles.isEmpty else { return }
      count += UInt64(idles.count)
      idles.sort { ($0.idle.idle.ended, $0.cpu) < ($1.idle.idle.ended, $1.cpu) }
      try take(idles)
    }
    return count == guest.total.idles
  }

  /// The CPUs of a guest's trace ready for replay; `number` is the trace's among those that are replayed
  /// together.
  package func guestCPUs(number: Int = 0) -> [GuestCPURecord] {
    guard let guest = report.guest else { return [] }
    let span = RecordingSpan(
      number: number, begin: max(report.tally.first ?? Timestamp(0), learning.scope.from),
      end: min(report.tally.last ?? Timestamp(.max), learning.scope.to), until: learning.scope.to)
    return guest.cpus.compactMap { cpu in
      guard cpu.figures.idles > 0, let log = guestLogs.first(where: { $0.cpu == cpu.cpu })?.log
      else { return nil }
      return GuestCPURecord(
        cpu: cpu.cpu, path: report.trace.path, settings: guest.settings, figures: cpu.figures,
        span: span, log: log)
    }
  }
}

/// What a replay of a trace is made from.
package struct RecordedTrace: Sendable {
  let report: TraceReport
  let scope: TrackScope
  private(set) var logs: [ThreadID: HaltLog]
  let activity: HostActivity
  let threads: Int

  init(
    report: TraceReport, scope: TrackScope, logs: [ThreadID: HaltLog],
    activity: HostActivity, threads: Int
  ) {
    (self.report, self.scope, self.logs) = (report, scope, logs)
    (self.activity, self.threads) = (activity, threads)
  }

  /// The vCPUs that halted, ready for replay; their logs are given away.
  ///
  /// `number` is the trace's among those that are replayed together.
  package consuming func vcpus(number: Int = 0) -> [RecordedVCPU] {
    guard report.trace.clock.isTime else { return [] }
    var given: [ThreadID: HaltLog] = [:]
    swap(&given, &logs)
    return RecordedVCPU.all(
      report, scope, given, activity, number: number, threads: threads)
  }
}

extension Pass.Result {
  fileprivate var halts: UInt64 { tracks.reduce(0) { $0 + $1.measures.halts } }

  /// What was found of windows that only later decisions tell.
  fileprivate var openings: [ThreadID: Openings] {
    Dictionary(
      tracks.map { ($0.thread, $0.tracker.openings) }, uniquingKeysWith: { $1 })
  }
}

extension TrackScope {
  /// The axis of timelines of a trace whose first and last event were then.
  fileprivate func axis(_ first: Timestamp?, _ last: Timestamp?, bins: Int) -> Timeline.Axis? {
    guard let first, let last else { return nil }
    return Timeline.Axis(begin: max(first, from), end: min(last, to), bins: bins)
  }
}

extension [ReportedHalt] {
  /// Puts the halts of several vCPUs, each one's in order, in order of time.
  fileprivate mutating func sortByTime() {
    var order = indices.map { (time: self[$0].halt.halt.woke, place: $0) }
    order.sort { ($0.time, $0.place) < ($1.time, $1.place) }
    self = order.map { self[$0.place] }
  }
}
