/// Makes frames of what is followed live: what came of each VM's and vCPU's halts between two looks.
package struct TraceWatch: Sendable {
  /// What is remembered of a thread.
  private struct Watched {
    var identity: RecordedFacts.VCPUThread
    var since: Timestamp
    var sums = HaltCounters(KernelCounters())
    var blocks = LogHistogram()
    var history: [TracedHalts.Span] = []
    /// Decisions that the rules did not give until the last look.
    var contradicted: UInt64 = 0
  }

  private var watched: [ThreadID: Watched] = [:]
  private var last: Timestamp
  private var lost: [CPU: UInt64] = [:]
  /// Whether some VMs alone are wanted, so that a thread that nobody knows is none of theirs.
  private let isSelective: Bool

  /// Nothing has come yet at `begin`.
  package init(begin: Timestamp, isSelective: Bool) {
    last = begin
    self.isSelective = isSelective
  }

  /// The threads of which something was seen, or that run.
  package var threads: Set<ThreadID> { Set(watched.keys) }

  /// Takes what came of threads until `time`, while the threads `running` ran; `lost` are the events
  /// that each CPU has lost since recording began.
  package mutating func take(
    _ tracks: [VCPUTrack], running: [RecordedFacts.VCPUThread], lost: [CPU: UInt64],
    at time: Timestamp
  ) -> CounterFrame {
    var frame = CounterFrame(time: time, interval: time - last)
    frame.trace = traceState(lost)
    let past = Dictionary(tracks.map { ($0.thread, $0) }, uniquingKeysWith: { $1 })
    let now = Dictionary(running.map { ($0.thread, $0) }, uniquingKeysWith: { $1 })
    remember(past, now, at: time)
    var rows: [ProcessID: [CounterRow]] = [:]
    for thread in watched.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      let row = row(thread, past[thread], interval: time - last, at: time)
      if let row { rows[row.process, default: []].append(row) }
    }
    let processes = Set(running.compactMap(\.process))
    for (process, rows) in rows.sorted(by: { $0.key < $1.key }) {
      let vm = Self.vm(rows.sorted { ($0.vcpu ?? .max) < ($1.vcpu ?? .max) }, at: time)
      // Of a VM that nobody knows nobody knows whether it has ended.
      let isThere = process == Self.unknown || processes.contains(process)
      if isThere { frame.vms.append(vm) } else { frame.ended.append(vm) }
    }
    watched = watched.filter { thread, known in
      now[thread] != nil
        || (known.identity.process == nil && past[thread]?.measures.halts ?? 0 > 0)
    }
    last = time
    return frame
  }

  private mutating func traceState(_ now: [CPU: UInt64]) -> CounterFrame.TraceState {
    defer { lost = now }
    var state = CounterFrame.TraceState()
    for (cpu, count) in now {
      state.lostInAll = state.lostInAll.plus(count)
      let before = lost[cpu] ?? 0
      if count > before { state.lost[cpu] = count - before }
    }
    return state
  }

  /// Takes up threads that are new, and what is known of them by now.
  private mutating func remember(
    _ past: [ThreadID: VCPUTrack], _ now: [ThreadID: RecordedFacts.VCPUThread],
    at time: Timestamp
  ) {
    for (thread, identity) in now where identity.vcpu != nil || past[thread] != nil {
      watched[thread, default: Watched(identity: identity, since: last)].identity = identity
    }
    guard !isSelective else { return }
    // It halted, and its VM has ended before anybody looked, or may not be looked into.
    for thread in past.keys where watched[thread] == nil && past[thread]?.measures.halts ?? 0 > 0 {
      let unknown = RecordedFacts.VCPUThread(
        thread: thread, process: nil, vm: "unknown VM", vcpu: nil)
      watched[thread] = Watched(identity: unknown, since: last)
    }
  }

  /// The process of a VM that is not known.
  private static let unknown = ProcessID(0)

  /// The row of `thread`; nil where it has ended without another halt.
  private mutating func row(
    _ thread: ThreadID, _ track: VCPUTrack?, interval: Nanoseconds, at time: Timestamp
  ) -> CounterRow? {
    guard var known = watched[thread] else { return nil }
    let delta = HaltCounters(track?.account.kernelCounters ?? KernelCounters())
    var traced = track.map { TracedHalts($0) } ?? TracedHalts()
    let contradicted = max(known.contradicted, traced.fidelity.contradicted)
    traced.contradicted = contradicted - known.contradicted
    known.contradicted = contradicted
    known.sums = known.sums.plus(delta)
    for bucket in traced.block.buckets {
      known.blocks.add(Nanoseconds(bucket.middle), times: bucket.count)
    }
    known.history.append(
      TracedHalts.Span(
        end: time, windows: track.flatMap { TracedHalts.Windows($0.windows) }, halts: traced.halts,
        grows: traced.grows, shrinks: traced.shrinks))
    known.history = known.history.suffix(TracedHalts.spans)
    (traced.blocks, traced.history) = (known.blocks, known.history)
    watched[thread] = known
    var row = CounterRow(
      process: known.identity.process ?? Self.unknown, name: known.identity.vm,
      vcpu: known.identity.vcpu ?? track?.vcpu, thread: thread,
      interval: interval, counters: known.sums, delta: delta, watched: known.sums,
      watchedFor: time - known.since)
    row.traced = traced
    return row
  }

  /// The VM whose vCPUs' rows are `rows`, which are some.
  private static func vm(_ rows: [CounterRow], at time: Timestamp) -> CounterFrame.VM {
    var total = rows[0]
    (total.vcpu, total.thread) = (nil, nil)
    var traced = TracedHalts()
    for row in rows { if let one = row.traced { traced.merge(one) } }
    total.traced = traced
    total.counters = HaltCounters.sum(of: rows.compactMap(\.counters))
    total.delta = HaltCounters.sum(of: rows.compactMap(\.delta))
    total.watched = total.counters
    total.watchedFor = rows.compactMap(\.watchedFor).max()
    let vm = CountedVM(
      number: Int(total.process.rawValue), process: total.process, name: total.name,
      source: .trace, time: time, vcpuCount: rows.count, counters: total.counters)
    return CounterFrame.VM(vm: vm, total: total, vcpus: rows)
  }
}
