internal import PollTrace

extension TextReading {
  /// Whether many lines are pieces of events: then their ends may stand in the next lines.
  var isBroken: Bool { pieces > store.tally.events / 16 }

  /// How many lines may be pieces of events.
  private var pieces: UInt64 { UInt64(unread.met) + broken + strayMentions }

  /// Lines that name an event and have none: a few may be prose, as many as there are events were events.
  private var strayMentions: UInt64 { mentions * 8 > wakeups + decisions ? mentions : 0 }

  /// A reading with lines joined that a mail or a terminal has wrapped; the same where that is of no use.
  var withLinesJoined: TextReading {
    guard let joined = WrappedLines.joined(text, form, header.interruptFlag) else { return self }
    let reading = Self.all(of: joined, isClean: true)
    return reading.pieces < pieces ? reading : self
  }

  /// Whether the numbers in the threads' place are processes': one has several threads.
  var hasProcessesForThreads: Bool {
    !names.shared.isEmpty || switched.stated * 4 > switches && switched.stated > 1
  }

  /// A reading with threads told apart by name.
  var byName: TextReading { Self.all(of: text, isClean: true, named: switched) }

  /// Why nothing can be told from the text; nil where something can.
  var problem: TraceFileError.Problem? {
    let events = store.tally.events
    if backwards > 4, backwards.times(8) > events, !recordings.areNamed {
      return .unreadableText(.differences)
    }
    if let second = recordings.second { return .unreadableText(.severalRecordings(line: second)) }
    if ofNobody > 0 { return .unreadableText(.lacks("the threads")) }
    if named?.areAmbiguous ?? false { return .unreadableText(.processes) }
    guard wakeups + decisions + guestDecisions == 0 else { return nil }
    if joined > 0 { return .unreadableText(.joinedLines) }
    if events == 0 || unread.met == 0, let text = UnreadableText(text, hasEvents: events > 0) {
      return .unreadableText(text)
    }
    return events == 0 && foreign > 0 && unread.met == 0 ? .noEvents(lines: foreign) : nil
  }

  /// The trace, now that all was read.
  func trace(path: String, _ opening: Ledger) -> any TraceReader {
    var description = TraceDescription(
      path: Untrusted(path), format: "ftrace text",
      clock: .init(
        name: header.clock.map { Untrusted($0) } ?? (form == .noTime ? "none" : "unknown"),
        isTime: isTime),
      cpus: header.cpus ?? (hasCPUs ? cpus : nil))
    let digits = UInt64(leastFraction)
    if isTime {
      description.timeStep = (digits..<9).reduce(Nanoseconds(1)) { step, _ in step.times(10) }
    }
    description.kernel = header.kernel.map { Untrusted($0) }
    description.arch = header.arch.map { Untrusted($0) }
    description.hasValidField = withValid || !withoutValid
    description.hasSchedulerEvents = wakings > 0 && switches > 0
    description.mayShowGuestIdles = guestDecisions > 0
    description.names = names.names.merging(names.passing) { name, _ in name }
      .mapValues { Untrusted($0) }
    description.processes = names.processes
    if let named {
      description.names.merge(named.names.mapValues { Untrusted($0) }) { $1 }
      description.processes.merge(named.processes) { $1 }
      description.switchesHaveThreads = false
    }
    description.holes = holes
    description.pauses = pauses
    var ledger = opening
    ledger.merge(cut.ledger)
    ledger.merge(unread.ledger)
    ledger.note(.unreadLines, broken, "wrapped in the middle of a name")
    ledger.note(.unreadLines, strayMentions, "without task, CPU and time")
    noteEntries(in: &ledger)
    for pause in pauses {
      let seconds = (pause.upperBound - pause.lowerBound).rawValue / 1_000_000_000
      ledger.note(.tracingPaused, 1, "\(seconds) s without any event")
    }
    if named != nil { ledger.note(.threadsByName) }
    if period > 1 {
      ledger.note(.filteredEvents, 1, "samples have periods of up to \(period) events")
    }
    if !hasCPUs { ledger.note(.cpuUnknown) }
    ledger.note(.timeRunsBackwards, backwards)
    ledger.note(.foreignLines, foreign)
    if hasCoarseTimes, wakings + switches > 0 { ledger.note(.coarseTime) }
    ledger.note(.wakersUnknown, unknownContexts)
    return StoredTrace(store, description, ledger: ledger, signs: signs)
  }

  /// Notes how many events the header counts and the text lacks.
  private func noteEntries(in ledger: inout Ledger) {
    let events = store.tally.events
    guard let entries = header.entries, entries > events else { return }
    let seen = last.indices.filter { last[$0] != nil }
    let whose = seen.count == 1 && header.cpus ?? 1 > 1 ? ", all of CPU \(seen[0])" : ""
    ledger.note(
      .partOnly, entries - events,
      "the header counts \(entries) events, the text has \(events)\(whose)")
  }
}
