package import PollTrace

/// One CPU of a guest's recording: what was recorded of it, and its replay.
package struct GuestCPURecord: Sendable {
  package let cpu: CPU
  /// The trace's path.
  package let path: Untrusted
  /// What it obeyed over time.
  package let settings: GuestSettings
  /// Its figures in the whole recording.
  package let figures: IdleFigures
  /// The trace's time, the same for all CPUs of a trace.
  let span: RecordingSpan
  /// What the logged idle times show, in the recording's blocks of time, as often as they fit into the recording.
  let logged: [PollOutcome]
  /// How often they do: 1 where all were logged.
  let weight: Double
  /// How much longer than its limit a poll lasts that runs out, in ns: the kernel looks at the clock once in
  /// 200 rounds (POLL_IDLE_RELAX_COUNT, linux drivers/cpuidle/poll_state.c).
  let overrun: Int64
  /// Halts whose waking another CPU's interrupt showed, and the median of their latency in ns; nil where
  /// there are too few, and `Observation.assumedLatency` stands for it.
  package let measuredLatency: (halts: Int, median: Int64)?
  /// Nil where there are too few idle times.
  package let replay: VCPUReplay?

  /// So many halts must show their latency.
  package static let leastLatencies = 20
  /// How late halts are taken to be where they do not, in ns.
  package static let assumedLatency = Observation.assumedLatency
  /// How much longer polls last where none ran out.
  private static let assumedOverrun: Int64 = 1_000

  /// A CPU with its `log`.
  package init(
    cpu: CPU, path: Untrusted, settings: GuestSettings, figures: IdleFigures, span: RecordingSpan,
    log: consuming HaltLog
  ) {
    (self.cpu, self.path, self.settings) = (cpu, path, settings)
    (self.figures, self.span) = (figures, span)
    let shown = log.entries.compactMap { $0.slept ? $0.latency.map(Int64.init) : nil }.sorted()
    let median = shown.isEmpty ? 0 : shown[shown.count / 2]
    if shown.count >= Self.leastLatencies {
      measuredLatency = (Int(clamping: figures.wakeLatency.count), median)
      log.fill(latency: UInt32(clamping: median))
    } else {
      measuredLatency = nil
      log.fill(latency: nil)
    }
    let overruns = log.entries.compactMap { entry -> Int64? in
      guard let left = entry.left, let window = entry.window, window > 0 else { return nil }
      return Int64(left) - Int64(window)
    }.filter { $0 >= 0 }.sorted()
    overrun =
      overruns.count >= Self.leastLatencies ? overruns[overruns.count / 2] : Self.assumedOverrun
    let halts = Observation(log)
    let blocks = TimeBlocks(span)
    let weight = halts.count == 0 ? 1 : max(1, Double(figures.idles) / Double(halts.count))
    self.weight = weight
    logged = halts.outcomes(in: blocks).map { $0.scaled(by: weight) }
    let policy = GuestHaltPoll(settings, overrun: overrun)
    replay = VCPUReplay(
      halts, rules: .newest, blocks: blocks,
      salt: UInt64(cpu.rawValue) &* 0x2545_f491_4f6c_dd1d
    ) { $0.replay(policy)[0] }
  }

  /// The parameters in force at the end.
  package var parameters: GuestPollLimit.Parameters { settings.parameters(at: span.until) }

  /// The recorded time, in ns.
  package var time: Double { Double(figures.time?.rawValue ?? 0) }

  /// What was recorded: exact but for the latency, which is measured in part or assumed.
  package var recorded: PollOutcome {
    var outcome = PollOutcome(figures)
    outcome.latency = logged.reduce(.zero, +).latency
    return outcome
  }
}

extension PollOutcome {
  /// What was recorded of a guest's CPU, without its latency.
  package init(_ figures: IdleFigures) {
    self.init()
    halts = Int64(clamping: figures.idles)
    attempted = Int64(clamping: figures.polls)
    successful = Int64(clamping: figures.polled)
    successTime = TimeOffset(figures.successTime).rawValue
    failTime = TimeOffset(figures.failTime).rawValue
  }
}

extension HaltLog {
  /// Has halts whose waking was not recorded be as late as those are whose was, at most nine tenths of the
  /// halt; nil: no halt has a latency.
  fileprivate mutating func fill(latency: UInt32?) {
    for index in entries.indices where entries[index].slept {
      guard let latency else {
        entries[index].set(latency: nil)
        continue
      }
      guard entries[index].latency == nil else { continue }
      let polled = UInt64(entries[index].left ?? 0)
      let asleep = entries[index].block - min(polled, entries[index].block)
      entries[index].set(latency: UInt32(clamping: min(UInt64(latency), asleep / 10 * 9)))
    }
  }
}
