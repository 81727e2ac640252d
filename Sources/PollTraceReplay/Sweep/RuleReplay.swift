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
    let lanes = Int(replay_lanes)
    let groups = stride(from: 0, to: settings.count, by: lanes).map {
      Array(settings[$0..<min($0 + lanes, settings.count)])
    }
    var sums = [PollOutcome](repeating: .zero, count: settings.count)
    for vcpu in vcpus {
      let latency = vcpu.meanLatency
      let parts = Parallel.map(groups.count, threads: threads) {
        outcomes(vcpu.blocks, groups[$0], vcpu.rules, latency: latency)
      }
      for (index, outcome) in parts.joined().enumerated() { sums[index] += outcome }
    }
    return sums
  }

  /// At most `replay_lanes` settings over one vCPU's halts.
  static func outcomes(
    _ blocks: [Int32], _ settings: [PollParameters], _ rules: PollRules, latency: Double
  ) -> [PollOutcome] {
    var lanes = replay_settings()
    for (lane, setting) in settings.enumerated() {
      guard setting.fitsLanes else {
        return settings.map { slowly(blocks, $0, rules, latency: latency) }
      }
      lanes.set(lane, setting, rules)
    }
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
      outcome.latency = Int64(Double(outcome.halts - outcome.successful) * latency)
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
    outcome.latency = Int64(Double(outcome.halts - outcome.successful) * latency)
    return outcome
  }
}

extension PollParameters {
  /// Whether the vectors compute as 32 bits without a sign do: no product reaches 2³¹, and nothing
  /// that is divided 2²⁴.
  fileprivate var fitsLanes: Bool {
    let exact: UInt32 = 1 << 24
    return ceiling < exact && shrink < exact && growStart <= UInt32(Int32.max)
      && UInt64(grow) * UInt64(ceiling) <= UInt64(Int32.max)
  }
}

extension replay_settings {
  fileprivate mutating func set(_ lane: Int, _ setting: PollParameters, _ rules: PollRules) {
    let isConstant = rules.growth == .fromConstant
    put(&ceiling, lane, Int32(setting.ceiling))
    put(&factor, lane, Int32(setting.grow))
    put(
      &first, lane,
      isConstant
        ? (setting.grow == 0 ? 0 : Int32(PollWindow.firstLength)) : Int32(setting.growStart))
    put(&least, lane, isConstant ? 0 : Int32(setting.growStart))
    put(&most, lane, rules.growIsCut ? Int32(setting.ceiling) : Int32.max)
    put(&grows, lane, !isConstant && setting.grow == 0 ? Int32(0) : -1)
    put(&divisor, lane, setting.shrink == 0 ? Float.infinity : Float(setting.shrink))
    put(
      &closes_below, lane, rules.shrinkClosesBelowGrowStart ? Int32(setting.growStart) : 0)
  }
}

/// Writes an element of an array of C, which Swift sees as a tuple.
private func put<Element, Tuple>(_ array: inout Tuple, _ index: Int, _ value: Element) {
  unsafe withUnsafeMutableBytes(of: &array) { bytes in
    unsafe bytes.storeBytes(
      of: value, toByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
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
