internal import PollTrace
internal import PollTraceFile

extension VMSigns {
  /// What `reader` tells of VMs beside halts; `first` and `last` are its first and last event.
  init(of reader: any TraceReader, from first: Timestamp?, to last: Timestamp?) {
    self = reader.signs()
    guard let first, let last, reader.description.clock.isTime else { return }
    let trace = reader.description
    var isVCPU: [ThreadID: Bool] = [:]
    for vcpu in trace.vcpus { isVCPU[vcpu.thread] = true }
    for (thread, name) in trace.names where VCPUThreadName.isClear(name.unescaped) {
      isVCPU[thread] = true
    }
    guard !isVCPU.isEmpty else { return }
    let ends = reader.moments(every: Pass.pagesOfRound) + [Timestamp(.max)]
    var batch = EventBatch()
    for number in 0..<reader.sourceCount {
      var source = reader.source(number)
      var clock = RunClock(from: first)
      for end in ends {
        batch.removeAll()
        source.read(until: end, into: &batch)
        let events = batch.span
        for index in events.indices { clock.take(events[index], isVCPU, &ran) }
      }
      clock.finish(at: last, isVCPU, &ran)
    }
  }
}

/// How long threads ran, from the switches between them.
private struct RunClock {
  let first: Timestamp
  /// Who runs on each CPU, and since when; the thread that is switched out first ran from the begin.
  private var running: [CPU: (thread: ThreadID, since: Timestamp)] = [:]

  init(from first: Timestamp) { self.first = first }

  mutating func take(
    _ event: Event, _ isVCPU: [ThreadID: Bool], _ ran: inout [ThreadID: Nanoseconds]
  ) {
    guard case .switched(let next, _) = event.kind else { return }
    let before = running[event.cpu] ?? (event.thread, first)
    // Filters leave switches out: who was not seen to come does not count.
    if before.thread == event.thread, isVCPU[event.thread] != nil {
      ran[event.thread, default: .zero] += event.time - before.since
    }
    running[event.cpu] = (next, event.time)
  }

  func finish(
    at last: Timestamp, _ isVCPU: [ThreadID: Bool], _ ran: inout [ThreadID: Nanoseconds]
  ) {
    for (thread, since) in running.values where isVCPU[thread] != nil {
      ran[thread, default: .zero] += last - since
    }
  }
}
