import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// 60 halts of thread 1000 on CPU 0, of vCPU 1000 or another one.
private func script(seed: UInt64, on cpu: UInt32 = 0, vcpu: UInt32 = 1_000) -> [Event] {
  var random = Randomness(seed: seed)
  var script = TraceScript()
  for _ in 0..<60 {
    script.halt(
      1_000, on: cpu, block: UInt64.random(in: 50_000...250_000, using: &random),
      hasSchedulerEvents: false)
  }
  return script.sorted.map { event in
    var event = event
    if event.what == .decision { event.number = vcpu }
    return event
  }
}

/// One file of each family with `events`, in order of time.
private func files(_ events: [Event]) -> [(name: String, file: [UInt8])] {
  let sorted = events.enumerated().sorted {
    ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
  }.map(\.element)
  var perf = PerfBuilder()
  perf.tracepoints = [PerfBuilder.wakeup, PerfBuilder.decision]
  for event in sorted {
    if event.what == .decision {
      let decision = event.decision
      perf.addDecision(
        at: event.time.rawValue, decision.move, old: decision.old, new: decision.new, thread: 1_000)
    } else {
      perf.addHalt(
        at: event.time.rawValue, thread: 1_000, block: event.block.rawValue, ending: event.ending)
    }
  }
  return [
    ("text", FtraceLines.file(FtraceLines.of(sorted))), ("trace.dat", TraceBuilder(sorted).file),
    ("perf.data", perf.file),
  ]
}

@Suite struct `Halts of several vCPUs in one thread` {
  @Test func `are none in a recording of one vCPU`() throws {
    for (name, file) in files(script(seed: 3)) {
      #expect(try report(of: file).ledger.count(of: .mixedVCPUs) == 0, "\(name)")
    }
  }

  @Test func `show where two hosts' recordings are put together by time`() throws {
    for (name, file) in files(script(seed: 3) + script(seed: 4)) {
      let ledger = try report(of: file).ledger
      #expect(ledger.count(of: .mixedVCPUs) > 40, "\(name)")
      #expect(ledger.isIncomplete, "\(name)")
    }
  }

  @Test func `show where each event was recorded twice`() throws {
    let events = script(seed: 3)
    for (name, file) in files(events + events) {
      #expect(try report(of: file).ledger.count(of: .mixedVCPUs) >= 60, "\(name)")
    }
  }

  @Test func `show where decisions name several vCPUs`() throws {
    let later = script(seed: 4, vcpu: 3).map { event in
      var event = event
      event.time = event.time + Nanoseconds(100_000_000)
      return event
    }
    let files = files(script(seed: 3) + later).filter { $0.name == "trace.dat" }
    for (name, file) in files {
      #expect(try report(of: file).ledger.count(of: .mixedVCPUs) == 1, "\(name)")
    }
  }
}
