/// When and on which CPUs switches between idle and any task were recorded.
///
/// There the trace shows who else wanted a CPU. Anywhere else that is unknown, which is not the same as nobody.
package struct IdleSwitches: Hashable, Sendable {
  /// A time in which they were recorded.
  package struct Span: Hashable, Sendable {
    package var since: Timestamp
    package var until: Timestamp
    /// On these CPUs; nil on all.
    package var cpus: CPUSet?
    package init(since: Timestamp, until: Timestamp, cpus: CPUSet? = nil) {
      (self.since, self.until, self.cpus) = (since, until, cpus)
    }
  }
  /// In order of time, none over another.
  package private(set) var spans: [Span]

  /// `spans`, of which those that are out of order are left out.
  package init(_ spans: [Span]) {
    self.spans = []
    for span in spans where (self.spans.last?.until ?? Timestamp(0)) <= span.since {
      if span.since < span.until { self.spans.append(span) }
    }
  }

  /// All the time on all CPUs.
  package static let always = IdleSwitches([
    Span(since: Timestamp(0), until: Timestamp(.max))
  ])

  /// Whether they were recorded on `cpu` at `time`, and until when that goes on at least.
  package func state(on cpu: CPU, at time: Timestamp) -> (isKnown: Bool, until: Timestamp) {
    let place = spans.indices.firstInOrder(where: { spans[$0].until > time })
    guard place < spans.endIndex else { return (false, Timestamp(.max)) }
    let span = spans[place]
    if time < span.since { return (false, span.since) }
    return (span.cpus?.contains(cpu) ?? true, span.until)
  }

  /// Whether they were recorded on `cpu` from `begin` to `end` without a break.
  package func cover(_ cpu: CPU, from begin: Timestamp, to end: Timestamp) -> Bool {
    var time = begin
    while true {
      let (isKnown, until) = state(on: cpu, at: time)
      guard isKnown else { return false }
      if until > end { return true }
      time = until
    }
  }

  /// The share of the time from `begin` to `end` that has them, on whatever CPUs.
  package func share(from begin: Timestamp, to end: Timestamp) -> Double {
    guard end > begin else { return spans.isEmpty ? 0 : 1 }
    let known = spans.reduce(0.0) { sum, span in
      let (from, to) = (max(span.since, begin), min(span.until, end))
      return sum + (to > from ? Double((to - from).rawValue) : 0)
    }
    return known / Double((end - begin).rawValue)
  }
}
