internal import CReplay
internal import PollTrace

/// The kernel's rule over recorded lengths of halts, exactly and fast, and nothing but the rule.
///
/// What it leaves out is what `Schedule` has: that polls end when another task wants the CPU, and
/// that a wake-up seen earlier moves all that follows. Latency is counted as the recorded mean of a
/// halt that slept.
enum RuleReplay {
  /// What each setting makes of the halts of `vcpus` together.
  static func outcomes(
    _ vcpus: [RecordedVCPU], _ settings: [PollParameters], threads: Int
  ) -> [PollOutcome] {
    let groups = settings.groups(of: Int(replay_lanes))
    var sums = [PollOutcome](repeating: .zero, count: settings.count)
    for vcpu in vcpus {
      let latency = vcpu.meanLatency
      let parts = Parallel.map(groups.count, threads: threads) {
        outcomes(vcpu.blocks, Array(groups[$0]), vcpu.rules, latency: latency)
      }
      for (index, outcome) in parts.joined().enumerated() { sums[index] += outcome }
    }
    return sums
  }

  /// At most `replay_lanes` settings over one vCPU's halts.
  static func outcomes(
    _ blocks: [Int32], _ settings: [PollParameters], _ rules: PollRules, latency: Double
  ) -> [PollOutcome] {
    guard settings.allSatisfy(\.fitsLanes) else {
      return settings.map { slowly(blocks, $0, rules, latency: latency) }
    }
    var lanes = replay_settings(settings, rules)
    var sums = replay_sums()
    unsafe blocks.withUnsafeBufferPointer { blocks in
      unsafe replay_rule(blocks.baseAddress, blocks.count, &lanes, &sums)
    }
    return settings.indices.map { lane in
      var outcome = PollOutcome()
      outcome.halts = Int64(blocks.count)
      outcome.attempted = Int64(sums.value(\.attempted, lane))
      outcome.successful = Int64(sums.value(\.successful, lane))
      outcome.successTime = Int64(sums.value(\.success_ns, lane))
      outcome.failTime = Int64(sums.value(\.fail_ns, lane))
      outcome.latency = Int64(saturating: Double(outcome.halts - outcome.successful) * latency)
      return outcome
    }
  }

  /// The same by the rule as it reads beside the kernel's source, for any value.
  static func slowly(
    _ blocks: [Int32], _ parameters: PollParameters, _ rules: PollRules, latency: Double
  ) -> PollOutcome {
    var outcome = PollOutcome()
    var window = PollWindow()
    for block in blocks {
      window.enter(ceiling: parameters.ceiling, rules: rules)
      let length = Int64(window.length)
      outcome.halts += 1
      if length > 0 {
        outcome.attempted += 1
        if Int64(block) <= length {
          outcome.successful += 1
          outcome.successTime += Int64(block)
        } else {
          outcome.failTime += length
        }
      }
      _ = window.leave(after: UInt64(block), parameters: parameters, rules: rules)
    }
    outcome.latency = Int64(saturating: Double(outcome.halts - outcome.successful) * latency)
    return outcome
  }
}

extension replay_sums {
  /// An element of an array of sums.
  fileprivate func value<Tuple>(_ array: KeyPath<replay_sums, Tuple>, _ index: Int) -> UInt64 {
    unsafe withUnsafeBytes(of: self[keyPath: array]) { bytes in
      unsafe bytes.load(fromByteOffset: index * MemoryLayout<UInt64>.stride, as: UInt64.self)
    }
  }
}

extension RecordedVCPU {
  /// From a wake event to its being seen by a vCPU that slept: the recorded mean, in ns.
  fileprivate var meanLatency: Double {
    let latencies = figures.measures.wakeLatency
    return latencies.count > 0
      ? Double(latencies.sum) / Double(latencies.count) : Double(Observation.assumedLatency)
  }
}
