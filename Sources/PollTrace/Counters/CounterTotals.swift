/// Counters for readers who compute rates of them: they never fall while they are followed.
///
/// A sum over the vCPUs that can be read just now falls when one of them is gone, and whoever reads a
/// series takes a fall for a count that began anew. So sums are made of what came to each vCPU since
/// the sample before.
package struct CounterTotals: Sendable {
  /// A VM with its sums.
  package struct VM: Hashable, Sendable {
    /// What tells it from all others that are shown.
    package var label: Untrusted
    /// As it was read last, or at its end.
    package var vm: CountedVM
    /// Over all its vCPUs, also those that it no longer has; nil where not all of them are seen.
    package var counters: HaltCounters?
    /// When its end was seen.
    package var ended: Timestamp?

    package init(label: Untrusted, vm: CountedVM) {
      self.label = label
      self.vm = vm
    }
  }

  /// One that is followed.
  private struct Followed {
    var shown: VM
    /// What was read last of each vCPU.
    var vcpus: [UInt32: HaltCounters] = [:]
    var sum: HaltCounters?
    /// Whether it came while others were followed: all that it counted came since then.
    var isNew: Bool
  }

  /// How long a VM that has ended is shown, so that each reader sees its last counts.
  package static let afterlife: Nanoseconds = 300_000_000_000

  private var followed: [Int: Followed] = [:]
  private var hasBegun = false
  private var labels = VMLabels()
  /// What came to the vCPUs of all VMs since the first sample, where each vCPU is read.
  package private(set) var host = HaltCounters.none

  package init() {}

  /// VMs that run or ended lately, in order of their labels.
  package var vms: [VM] {
    followed.values.map(\.shown).sorted { $0.label.unescaped < $1.label.unescaped }
  }

  /// Takes the next sample.
  package mutating func take(_ sample: CounterSample) {
    for (number, vm) in followed {
      if let ended = vm.shown.ended, sample.time - ended >= Self.afterlife { drop(number) }
    }
    // Ends first: another VM of the same name may run by now.
    for vm in sample.ended {
      take(vm, labels.name(vm, among: sample))
      followed[vm.number]?.shown.ended = sample.time
    }
    for vm in sample.vms {
      let old = followed.first {
        $0.value.shown.ended != nil && $0.value.shown.vm.name == vm.name
      }
      if let old, followed[vm.number] == nil, !vm.name.isEmpty { drop(old.key) }
      take(vm, labels.name(vm, among: sample))
    }
    // Nothing was held of these that could be read at their end.
    let present = Set(sample.vms.map(\.number))
    for number in followed.keys where !present.contains(number) {
      if followed[number]?.shown.ended == nil { followed[number]?.shown.ended = sample.time }
    }
    hasBegun = true
  }

  private mutating func drop(_ number: Int) {
    followed[number] = nil
    labels.forget(number)
  }

  private mutating func take(_ vm: CountedVM, _ label: Untrusted) {
    var state =
      followed[vm.number]
      ?? Followed(shown: VM(label: label, vm: vm), isNew: hasBegun)
    // What a vCPU had counted when it was first seen came since then if it is new itself.
    let isSeenFromBegin = state.isNew || (state.sum != nil && state.shown.vm.lack == nil)
    for vcpu in vm.vcpus {
      let now = vcpu.counters
      var came: HaltCounters?
      if let before = state.vcpus[vcpu.vcpu] {
        // A vCPU that was taken away and came again counts anew.
        came = now.hasFallen(since: before) ? now : now.since(before)
      } else if isSeenFromBegin {
        came = now
      }
      state.vcpus[vcpu.vcpu] = now
      guard let came else { continue }
      host = host.plus(came)
      if state.shown.vm.source == .counters { state.sum = state.sum?.plus(came) }
    }
    let isSwitched = state.shown.vm.source != vm.source && vm.source != .none
    if vm.source == .debugfs || state.sum == nil || isSwitched { state.sum = vm.counters }
    state.shown.vm = vm
    state.shown.counters = vm.isWhole ? state.sum : nil
    followed[vm.number] = state
  }
}

extension CountedVM {
  /// Whether its sums are over all its vCPUs.
  package var isWhole: Bool {
    switch source {
    case .counters: lack == nil
    case .debugfs: true
    case .trace, .none: false
    }
  }
}

extension HaltCounters {
  /// Nothing counted yet, of all that there is.
  package static var none: HaltCounters {
    var none = HaltCounters()
    for count in Count.allCases { none[count] = 0 }
    for spread in Spread.allCases { none[spread] = LogHistogram() }
    return none
  }

  /// Whether any count is lower than it was.
  func hasFallen(since earlier: HaltCounters) -> Bool {
    Count.allCases.contains { count in
      if let now = self[count], let before = earlier[count] { now < before } else { false }
    }
  }
}
