import CKVM
import Glibc

/// A vCPU: run by one thread; left, and its statistics read, by others.
@safe final class VCPU: @unchecked Sendable {
  let id: Int
  /// If asked for and there: open from before the first run to the VM's end.
  let statistics: Descriptor?
  private let descriptor: Descriptor
  private let run: OpaquePointer

  init(_ id: Int, vm: Descriptor, kvm: Descriptor, counted: Bool) throws(Failure) {
    let remedy = "Ask for fewer --vcpus, or raise the limit of open files (ulimit -n); see dmesg."
    self.id = id
    descriptor = Descriptor(
      try checked(
        ckvm_vcpu_create(vm.number, UInt32(id)), "cannot create vCPU \(id)", remedy: remedy))
    statistics = try counted ? Self.statistics(of: descriptor, id) : nil
    try checked(
      ckvm_vcpu_setup(descriptor.number, UInt32(Guest.page(of: id)), UInt16(Guest.entry)),
      "cannot set up vCPU \(id)", remedy: remedy)
    var map: OpaquePointer?
    try unsafe checked(
      ckvm_run_map(kvm.number, descriptor.number, &map), "cannot map vCPU \(id)", remedy: remedy)
    guard let map = unsafe map else { throw Failure("vCPU \(id) has no map", remedy: remedy) }
    unsafe run = map
  }

  /// Linux 5.14 brought them; before, KVM counts by VM only (`Machine.sums`).
  private static func statistics(of vcpu: Descriptor, _ id: Int) throws(Failure) -> Descriptor? {
    let file = ckvm_vcpu_stats(vcpu.number)
    if file == -EINVAL || file == -ENOTTY { return nil }
    return Descriptor(
      try checked(
        file, "cannot open the statistics of vCPU \(id)",
        remedy: "Raise the limit of open files (ulimit -n), or give --no-hold-statistics."))
  }

  /// Cycles of the guest's clock in that time.
  func cycles(in time: Nanoseconds) throws(Failure) -> UInt32 {
    let rate = try checked(
      ckvm_vcpu_tsc_khz(descriptor.number), "cannot read the clock rate of vCPU \(id)",
      remedy: "Leave out --busy.")
    let cycles = time.count * UInt64(rate) / 1_000_000
    guard let cycles = UInt32(exactly: cycles), cycles < 1 << 31 else {
      throw Failure("\(cycles) cycles a wake are too many", remedy: "Ask for less --busy.")
    }
    return cycles
  }

  /// How a time on the vCPU's counter is told from this machine's; nil where KVM does not say (before 5.16).
  func clock() -> VCPUClock? {
    var offset: UInt64 = 0
    let rate = ckvm_vcpu_tsc_khz(descriptor.number)
    guard unsafe ckvm_vcpu_tsc_offset(descriptor.number, &offset) >= 0, rate > 0 else { return nil }
    return VCPUClock(offset: offset, kilohertz: UInt64(rate))
  }

  /// Runs the guest until it is told to leave.
  func run(until stop: Stop) throws(Failure) {
    while !stop.isRaised {
      let exit = unsafe ckvm_run(descriptor.number, run)
      if exit == -EINTR { continue }
      try checked(
        exit, "vCPU \(id) cannot run",
        remedy: "See dmesg; Intel hosts need kvm_intel's unrestricted_guest.")
      throw Failure(
        "vCPU \(id) left the guest for reason \(exit), which its program never asks for",
        remedy: "See dmesg; the numbers are KVM_EXIT_* of linux/kvm.h.")
    }
  }

  func leave() { unsafe ckvm_run_leave(run) }
}

/// A vCPU's time stamp counter beside this machine's.
struct VCPUClock: Hashable, Sendable {
  /// What the vCPU's is ahead.
  let offset: UInt64
  let kilohertz: UInt64

  /// This machine's counter.
  static var now: UInt64 { ckvm_tsc() }

  /// From `sent` on this machine's counter to `woke` on the vCPU's, in ns; nil where it is no length.
  func latency(from sent: UInt64, to woke: UInt64) -> UInt32? {
    let cycles = woke &- offset &- sent
    guard cycles < 1 << 40 else { return nil }
    return UInt32(exactly: cycles * 1_000_000 / kilohertz)
  }
}
