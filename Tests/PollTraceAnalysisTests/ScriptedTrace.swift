import PollTrace

@testable import PollTraceFile

/// A trace of events in memory, whose rounds end where a test says.
final class ScriptedTrace: TraceReader {
  let description: TraceDescription
  let ledger = Ledger()
  let statedLosses: [CPU: UInt64] = [:]
  private let cpus: [[Event]]
  private let cuts: [Timestamp]

  /// `events` are in order of time, a loss before the first event behind it.
  init(_ events: [Event], _ description: TraceDescription, cuts: [Timestamp] = []) {
    self.description = description
    cpus = Set(events.map(\.cpu)).sorted().map { cpu in events.filter { $0.cpu == cpu } }
    self.cuts = cuts
  }

  var begin: Timestamp? { cpus.compactMap(\.first?.time).min() }
  var end: Timestamp? { cpus.compactMap(\.last?.time).max() }
  func moments(every pages: Int) -> [Timestamp] { cuts }
  var size: Int { cpus.reduce(0) { $0 + $1.count * 64 } }
  var sourceCount: Int { cpus.count }
  func source(_ number: Int) -> sending any EventSource { ScriptedSource(events: cpus[number]) }
}

private struct ScriptedSource: EventSource {
  let events: [Event]
  private var next = 0
  private var lookedAt = -1
  private(set) var tally = ReadTally()

  init(events: [Event]) { self.events = events }

  mutating func read(until end: Timestamp, into batch: inout EventBatch) {
    while true {
      look(&batch)
      guard next < events.count, events[next].time < end else { return }
      let event = events[next]
      batch.append(event)
      if event.what != .lost {
        tally.events += 1
        tally.eventsOfCPU[event.cpu, default: 0] += 1
        if tally.first == nil { tally.first = event.time }
        tally.last = event.time
      }
      next += 1
    }
  }

  /// A loss is known as soon as what lies before it is read.
  private mutating func look(_ batch: inout EventBatch) {
    guard next < events.count, next > lookedAt, events[next].what == .lost else { return }
    lookedAt = next
    let before = next > 0 ? events[next - 1].time : nil
    batch.append(Losses.Loss(after: before, before: events[next].time), on: events[next].cpu)
    tally.uncountedLosses += 1
  }
}
