/// Makes frames of samples: what came to each VM's and vCPU's counters in between.
package struct CounterWatch: Sendable {
  private var last: CounterSample?
  /// Each VM as it was when it was seen first.
  private var first: [Int: CountedVM] = [:]

  package init() {}

  /// Takes the next sample.
  ///
  /// - Returns: What came since the sample before. VMs that were not in it have no differences yet.
  package mutating func take(_ sample: CounterSample) -> CounterFrame {
    var before: [Int: CountedVM] = [:]
    for vm in last?.vms ?? [] { before[vm.number] = vm }
    var frame = CounterFrame(time: sample.time, interval: last.map { sample.time - $0.time })
    for vm in sample.vms { frame.vms.append(row(vm, before[vm.number])) }
    // Those that came and went between two samples have nothing to be compared with.
    for vm in sample.ended { frame.ended.append(row(vm, before[vm.number])) }
    for vm in sample.ended { first[vm.number] = nil }
    last = sample
    return frame
  }

  private mutating func row(_ vm: CountedVM, _ before: CountedVM?) -> CounterFrame.VM {
    if first[vm.number]?.source != vm.source { first[vm.number] = vm }
    // Sums of other vCPUs, or from elsewhere, are not to be compared.
    func comparable(_ other: CountedVM?) -> CountedVM? {
      other.flatMap { $0.source == vm.source ? $0 : nil }
    }
    let (before, begin) = (comparable(before), comparable(first[vm.number]))
    func difference(_ now: HaltCounters, _ then: HaltCounters?) -> HaltCounters? {
      then.map { now.since($0) }
    }
    let vcpus = vm.vcpus.enumerated().map { place, vcpu in
      // Mostly in the same place: vCPUs come and go seldom.
      func same(_ vm: CountedVM?) -> HaltCounters? {
        guard let others = vm?.vcpus else { return nil }
        if place < others.count, others[place].vcpu == vcpu.vcpu { return others[place].counters }
        return others.first { $0.vcpu == vcpu.vcpu }?.counters
      }
      return CounterRow(
        process: vm.process, name: vm.name, vcpu: vcpu.vcpu, thread: vcpu.thread,
        interval: before.map { vm.time - $0.time }, counters: vcpu.counters,
        delta: difference(vcpu.counters, same(before)),
        watched: difference(vcpu.counters, same(begin)), watchedFor: begin.map { vm.time - $0.time }
      )
    }
    let hasSameVCPUs = before.map { $0.vcpus.map(\.vcpu) == vm.vcpus.map(\.vcpu) } ?? false
    let total = CounterRow(
      process: vm.process, name: vm.name, vcpu: nil, thread: nil,
      interval: before.map { vm.time - $0.time }, counters: vm.counters,
      delta: hasSameVCPUs ? vm.counters.flatMap { difference($0, before?.counters) } : nil,
      watched: vm.counters.flatMap { difference($0, begin?.counters) },
      watchedFor: begin.map { vm.time - $0.time })
    return CounterFrame.VM(vm: vm, total: total, vcpus: vcpus)
  }
}

/// What KVM counted between two samples.
package struct CounterFrame: Hashable, Sendable {
  /// A VM, and its vCPUs where its source tells them apart.
  package struct VM: Hashable, Sendable {
    package var vm: CountedVM
    package var total: CounterRow
    package var vcpus: [CounterRow]
  }

  /// When the later sample was begun, on CLOCK_MONOTONIC.
  package var time: Timestamp
  /// How long after the earlier one; nil where there is none.
  package var interval: Nanoseconds?
  package var vms: [VM] = []
  /// VMs that ended in between, up to their end.
  package var ended: [VM] = []
  /// What a trace says of itself; nil of counters.
  package var trace: TraceState?

  /// How whole a live trace is.
  package struct TraceState: Hashable, Sendable {
    /// Events that CPUs lost in between, and since recording began.
    package var lost: [CPU: UInt64] = [:]
    package var lostInAll: UInt64 = 0
    /// Whether pages or events could not be read.
    package var isDamaged = false

    package init() {}
  }

  package init(time: Timestamp, interval: Nanoseconds?) {
    self.time = time
    self.interval = interval
  }

  /// A row a vCPU; a row for a VM whose source does not tell them apart.
  package var rows: [CounterRow] { vms.flatMap { $0.vcpus.isEmpty ? [$0.total] : $0.vcpus } }

  /// The host's sums over VMs that both samples had: differences per second, shares in CPUs.
  package var host: HostSums {
    var sums = HostSums()
    for row in vms.map(\.total) {
      guard row.delta != nil else { continue }
      sums.halts += row.haltRate ?? 0
      sums.successfulShare += row.successfulShare ?? 0
      sums.wastedShare += row.wastedShare ?? 0
      sums.vms += 1
    }
    return sums
  }

  /// Sums over a host.
  package struct HostSums: Hashable, Sendable {
    /// VMs that are counted in.
    package var vms = 0
    /// Halts a second.
    package var halts = 0.0
    /// CPUs spent in polls that succeeded, and in polls that failed.
    package var successfulShare = 0.0
    package var wastedShare = 0.0
  }
}
