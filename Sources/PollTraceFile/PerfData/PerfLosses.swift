internal import PollTrace

/// Events that the kernel dropped, as perf's records tell.
///
/// A record of a loss is written just before the next event of its ring buffer, but stamped a
/// moment after that: the loss is put before the event.
struct PerfLosses {
  /// A loss that waits for the next event of its CPU, or of whichever where that is not known.
  private struct Loss {
    var cpu: CPU?
    var count: UInt64
    var time: Timestamp
  }
  private var waiting: [Loss] = []
  /// The CPUs that had events since damage took some away of no one knows which; nil without damage.
  private var seenSinceDamage: Set<CPU>?
  /// What records of losses counted, and what the kernel counted by the end of the recording.
  private var met: UInt64 = 0
  private var stated: UInt64 = 0

  var areWaiting: Bool { !waiting.isEmpty || seenSinceDamage != nil }

  /// Damage: events of any CPU may be missing.
  mutating func breakOff() { seenSinceDamage = [] }

  mutating func add(_ count: UInt64, on cpu: CPU?, at time: Timestamp) {
    met = met.plus(count)
    waiting.append(Loss(cpu: cpu, count: count, time: time))
  }

  /// A count of lost samples, which has no place.
  mutating func state(_ count: UInt64) { stated = stated.plus(count) }

  /// The losses that come before an event at `time` on `cpu`.
  mutating func before(_ time: Timestamp, on cpu: CPU) -> [Event] {
    var events: [Event] = []
    if seenSinceDamage?.insert(cpu).inserted == true {
      events.append(Self.event(nil, on: cpu, at: time))
    }
    waiting.removeAll { loss in
      guard loss.cpu == nil || loss.cpu == cpu else { return false }
      events.append(Self.event(loss.count, on: cpu, at: min(loss.time, time)))
      return true
    }
    return events
  }

  /// The losses that no event follows.
  mutating func rest() -> [Event] {
    defer { waiting = [] }
    return waiting.map { Self.event($0.count, on: $0.cpu ?? CPU(0), at: $0.time) }
  }

  /// How many events are said to be lost beyond those that have a place.
  var beyond: UInt64 { stated > met ? stated - met : 0 }

  private static func event(_ count: UInt64?, on cpu: CPU, at time: Timestamp) -> Event {
    Event(time: time, cpu: cpu, thread: .idle, kind: .lost(count: count))
  }
}
