/// Whether a kernel keeps a VM as long as its statistics are open somewhere.
///
/// Without "KVM: Grab a reference to KVM for VM and vCPU stats file descriptors" (eed3013faa40, Linux
/// 6.5) a read after the VM's end reads memory that was given away. Stable kernels took it over in
/// 6.4.8, 6.1.43 and 5.15.124 of 2023-08-03 (their announcements on linux-kernel).
enum KernelSafety {
  /// Whether the kernel that `uname` calls `release` and `version` is known to keep them.
  ///
  /// Debian's release has no stable number (`6.1.0-18-amd64`), its version has
  /// (`#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)`); Ubuntu's stands in `signature`, the line
  /// of /proc/version_signature (`Ubuntu 5.15.0-91.101-generic 5.15.131`). Other distributions'
  /// kernels before 6.5 count as they are called: what they took over is not known.
  static func keepsVMs(release: String, version: String, signature: String?) -> Bool {
    let stable = signature?.split(separator: " ").last ?? debian(version)
    return isSafe(release[...]) || stable.map(isSafe) ?? false
  }

  /// The kernel's own number in Debian's `version`.
  private static func debian(_ version: String) -> Substring? {
    let words = version.split(separator: " ")
    guard let word = words.firstIndex(of: "Debian"), word + 1 < words.endIndex else { return nil }
    return words[word + 1]
  }

  private static func isSafe(_ release: Substring) -> Bool {
    // The fix came with 6.5-rc4: candidates are taken for older than what they lead to.
    let isCandidate = release.contains("-rc")
    let parts = release.split { !$0.isNumber }
    let numbers = parts.prefix(3).map { Int($0) ?? 0 } + [0, 0, 0]
    switch (numbers[0], numbers[1]) {
    case (5, 15): return numbers[2] >= 124
    case (6, 1): return numbers[2] >= 43
    case (6, 4): return numbers[2] >= 8
    case (6, 5): return !isCandidate
    case (6, 6...), (7..., _): return true
    default: return false
    }
  }
}
