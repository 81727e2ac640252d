/// The vCPU id that a thread's name tells.
enum VCPUThreadName {
  /// QEMU `CPU 3/KVM`, Firecracker `fc_vcpu 3`, Cloud Hypervisor `vcpu3`, crosvm `crosvm_vcpu3`.
  private static let patterns = [
    (before: "CPU ", after: "/KVM"), (before: "fc_vcpu", after: ""),
    (before: "crosvm_vcpu", after: ""), (before: "vcpu", after: ""),
  ]

  /// The same in the words of the kernel's filters (`glob_match`); it may let a stranger in.
  static let globs = patterns.map { "\($0.before)*\($0.after)" }

  static func vcpu(_ name: String) -> UInt32? {
    for (before, after) in patterns where name.hasPrefix(before) && name.hasSuffix(after) {
      let middle = name.dropFirst(before.count).dropLast(after.count)
      let digits = middle.first == " " ? middle.dropFirst() : middle
      if digits.allSatisfy(\.isNumber), let id = UInt32(digits) { return id }
    }
    return nil
  }
}
