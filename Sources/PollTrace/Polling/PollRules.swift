/// How one range of kernels moves a poll window: the differences that replay needs, as named facts.
///
/// Each fact cites the kernel change that made it (virt/kvm/kvm_main.c). Kernels between two
/// entries of `all` follow the earlier one; stable backports are found by what a trace shows.
public struct PollRules: Hashable, Sendable {
  /// How a window grows.
  public enum Growth: UInt8, Hashable, Sendable {
    /// Up to 5.0: a closed window opens at 10,000 ns unless grow is 0; an open one is multiplied.
    case fromConstant
    /// From 5.1 (49113d360bde, 7fa08e71b4a0, dee339b5c1da): multiplied, then at least grow start;
    /// grow 0 leaves it, traced.
    case fromGrowStart
  }
  /// Where the ceiling of a VM comes from.
  public enum Ceiling: UInt8, Hashable, Sendable {
    /// The module parameter, read at each halt.
    case parameter
    /// 5.8 to 6.0 (acd05785e48c): the parameter's value when the VM was created, or what
    /// KVM_CAP_HALT_POLL set since; writing the parameter does not reach a running VM.
    case sampledAtCreation
    /// From 6.1 (9eb8ca049c23): the parameter, read at each halt, unless KVM_CAP_HALT_POLL was used.
    case parameterUnlessOverridden
  }

  /// The first kernel with these rules.
  public enum Since: String, Hashable, Sendable {
    case v4_3 = "4.3"
    case v4_7 = "4.7"
    case v4_12 = "4.12"
    case v5_1 = "5.1"
    case v5_4 = "5.4"
    case v5_4Stable = "5.4-stable"
    case v5_8 = "5.8"
    case v5_15 = "5.15"
    case v5_17 = "5.17"
    case v6_1 = "6.1"
    case v6_11 = "6.11"
  }
  /// The first kernel with these rules.
  public var since: Since
  /// The same as `major.minor`.
  public var name: String { since.rawValue }
  /// How a window grows.
  public var growth: Growth
  /// Whether grow cuts at the ceiling.
  ///
  /// From 6.1 (97b6847ac10b) it does not: the window is cut when the next halt begins, silently.
  public var growIsCut: Bool
  /// From 5.15 (ae232ea46088; also in stable 5.4, 5.10, 5.14): a window shrunk below grow start
  /// closes.
  public var shrinkClosesBelowGrowStart: Bool
  /// From 4.7 (3491caf2755e): a wake-up that was not for this vCPU shrinks the window.
  public var invalidShrinks: Bool
  /// Where a VM's ceiling comes from.
  public var ceiling: Ceiling
  /// From 5.4: a vCPU that may not poll (`kvm_arch_no_poll`) keeps its window as it is.
  public var refusalKeepsWindow: Bool
  /// From 5.17 (109a98260b53 and its series): a wake-up seen after the poll loop but before
  /// `schedule()` counts as a successful poll.
  public var lateWakeupIsSuccess: Bool
  /// The default of halt_poll_ns_shrink: 0, from 6.11 (aeb1b22a3ac8) 2.
  public var defaultShrink: UInt32
  /// The default of halt_poll_ns on x86: 400,000, from 4.12 (b401ee0b85a5) 200,000.
  ///
  /// KVM_HALT_POLL_NS_DEFAULT of arch/x86/include/asm/kvm_host.h.
  public var defaultCeilingOfX86: UInt32
}

extension PollRules {
  /// 4.3 to 4.6.
  public static let linux4_3 = PollRules(
    since: .v4_3, growth: .fromConstant, growIsCut: true, shrinkClosesBelowGrowStart: false,
    invalidShrinks: false, ceiling: .parameter, refusalKeepsWindow: false,
    lateWakeupIsSuccess: false, defaultShrink: 0, defaultCeilingOfX86: 400_000)
  /// 4.7 to 4.11.
  public static let linux4_7 = linux4_3.from(.v4_7) { $0.invalidShrinks = true }
  /// 4.12 to 5.0.
  public static let linux4_12 = linux4_7.from(.v4_12) { $0.defaultCeilingOfX86 = 200_000 }
  /// 5.1 to 5.3.
  public static let linux5_1 = linux4_12.from(.v5_1) { $0.growth = .fromGrowStart }
  /// 5.4 to 5.7.
  public static let linux5_4 = linux5_1.from(.v5_4) { $0.refusalKeepsWindow = true }
  /// 5.8 to 5.14.
  public static let linux5_8 = linux5_4.from(.v5_8) { $0.ceiling = .sampledAtCreation }
  /// 5.15 and 5.16, and stable kernels of 5.10 and 5.14 since October 2021.
  public static let linux5_15 = linux5_8.from(.v5_15) { $0.shrinkClosesBelowGrowStart = true }
  /// 5.17 to 6.0.
  public static let linux5_17 = linux5_15.from(.v5_17) { $0.lateWakeupIsSuccess = true }
  /// 6.1 to 6.10.
  public static let linux6_1 = linux5_17.from(.v6_1) {
    $0.growIsCut = false
    $0.ceiling = .parameterUnlessOverridden
  }
  /// 6.11 and later.
  public static let linux6_11 = linux6_1.from(.v6_11) { $0.defaultShrink = 2 }
  /// Stable kernels of 5.4 since October 2021: the rules of 5.4 with 5.15's shrink.
  public static let linux5_4Stable = linux5_4.from(.v5_4Stable) {
    $0.shrinkClosesBelowGrowStart = true
  }

  /// Every set of rules, oldest first.
  public static let all: [PollRules] = [
    linux4_3, linux4_7, linux4_12, linux5_1, linux5_4, linux5_4Stable, linux5_8, linux5_15,
    linux5_17, linux6_1, linux6_11,
  ]

  /// The newest rules known.
  public static var newest: PollRules { linux6_11 }

  /// These rules with a change that a later kernel made.
  private func from(_ since: Since, _ change: (inout PollRules) -> Void) -> PollRules {
    var rules = self
    rules.since = since
    change(&rules)
    return rules
  }
}
