/// The names that VMMs give to vCPU threads: one list for whoever reads a trace and for the recorder.
///
/// A name is a name, no proof: it tells the id of a thread that has KVM's events, or whose process holds
/// vCPUs. Names without an id, such as those of QEMU without `debug-threads=on` (`qemu-system-x86`,
/// `kvm`), tell nothing. From the sources of the VMMs:
///
/// - QEMU accel/kvm/kvm-accel-ops.c and StratoVirt cpu/src/lib.rs: `CPU 0/KVM`
/// - Firecracker src/vmm/src/vstate/vcpu.rs, and libkrun after it: `fc_vcpu 0`
/// - Cloud Hypervisor vmm/src/cpu.rs: `vcpu0`
/// - crosvm src/crosvm/sys/linux/vcpu.rs: `crosvm_vcpu0`
/// - kvmtool builtin-run.c, `kvm_cpu_thread()`: `kvm-vcpu-0`
/// - Alioth alioth/src/vm.rs and the VMM of rust-vmm: `vcpu_0`
/// - Propolis: `vcpu-0`, behind a prefix in some versions
/// - OpenVMM: `vp-0`
/// - Dragonball: `db_vcpu0`; others have the VM's name before or behind: `vm-vcpu-3`, `vcpu3-web`
package enum VCPUThreadName {
  /// The patterns of them all, as the kernel's event filters take them (linux
  /// Documentation/trace/events.rst, "Event filtering"); they let some strangers in.
  package static let globs = ["CPU */KVM", "*vcpu*", "*vCPU*", "*VCPU*", "vp-*"]

  /// A task's name has 15 bytes at most (TASK_COMM_LEN, linux include/linux/sched.h).
  package static let longest = 15

  /// The vCPU id in a thread's name; nil where it is no vCPU's.
  package static func vcpu(in name: String) -> UInt32? {
    if name.hasPrefix("CPU "), name.hasSuffix("/KVM") {
      return number(in: name.dropFirst(4).dropLast(4))
    }
    return name.hasPrefix("vp-") ? number(in: name.dropFirst(3)) : vcpu(behindWordIn: name)
  }

  /// Whether a name speaks of vCPUs by itself: `vp-0` may be anybody's.
  package static func isClear(_ name: String) -> Bool {
    vcpu(in: name) != nil && !name.hasPrefix("vp-")
  }

  /// Whether digits of the id may have been cut off the name's end.
  package static func mayBeCut(_ name: String) -> Bool {
    name.utf8.count >= longest && name.last?.isNumber == true
  }

  /// The number behind the last "vcpu", with a sign or a space between or nothing; letters right behind
  /// the number make it a part of another word.
  private static func vcpu(behindWordIn name: String) -> UInt32? {
    let bytes = Array(name.utf8)
    let word = Array("vcpu".utf8)
    guard bytes.count > word.count else { return nil }
    for start in (0..<bytes.count - word.count).reversed()
    where bytes[start..<start + word.count].elementsEqual(word, by: { $0 | 0x20 == $1 }) {
      var digits = start + word.count
      if [0x20, 0x2d, 0x5f, 0x3a, 0x23].contains(bytes[digits]) { digits += 1 }
      let end = bytes[digits...].firstIndex { !(0x30...0x39).contains($0) } ?? bytes.count
      if end < bytes.count, isLetter(bytes[end]) { return nil }
      return UInt32(String(decoding: bytes[digits..<end], as: UTF8.self))
    }
    return nil
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }

  private static func number(in text: Substring) -> UInt32? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt32(text) : nil
  }
}
