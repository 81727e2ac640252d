extension PollRules {
  /// The rules of kernel `release` (`6.1.0-13-amd64`, `5.10`), nil where it does not begin with a
  /// version or is older than 4.3, whose kernels had no moving window.
  ///
  /// Stable kernels of 5.4, 5.10 and 5.14 took over 5.15's shrink in October 2021 (5.4.154, 5.10.74
  /// and 5.14.13 are of that month). A distribution's kernel may have more backports: what the
  /// trace shows overrules its name.
  public static func of(release: some StringProtocol) -> PollRules? {
    let numbers = release.split(whereSeparator: { $0 == "." || $0 == "-" || $0 == "+" || $0 == "_" }
    )
    .prefix(3).map { UInt64($0) }
    guard let first = numbers.first, let major = first, numbers.count > 1, let minor = numbers[1]
    else { return nil }
    let patch = numbers.count > 2 ? numbers[2] ?? 0 : 0
    switch (major, minor) {
    case (4, 3...6): return linux4_3
    case (4, 7...11): return linux4_7
    case (4, 12...), (5, 0): return linux4_12
    case (5, 1...3): return linux5_1
    case (5, 4): return patch >= 154 ? linux5_4Stable : linux5_4
    case (5, 5...7): return linux5_4
    case (5, 10): return patch >= 74 ? linux5_15 : linux5_8
    case (5, 14): return patch >= 13 ? linux5_15 : linux5_8
    case (5, 8...14): return linux5_8
    case (5, 15...16): return linux5_15
    case (5, 17...), (6, 0): return linux5_17
    case (6, 1...10): return linux6_1
    case (6, 11...), (7..., _): return linux6_11
    default: return nil
    }
  }

  /// The parameters that a kernel with these rules starts with on `arch` (`uname -m`).
  ///
  /// KVM_HALT_POLL_NS_DEFAULT of arch/*/include/asm/kvm_host.h.
  public func defaults(arch: String?) -> PollParameters {
    let ceiling: UInt32 =
      switch arch {
      case "aarch64", "arm64", "riscv64", "loongarch64", "mips64", "mips": 500_000
      case "ppc64", "ppc64le": 10_000
      case "s390x": growth == .fromConstant ? 80_000 : 50_000
      default: defaultCeilingOfX86
      }
    return PollParameters(ceiling: ceiling, grow: 2, growStart: 10_000, shrink: defaultShrink)
  }
}
