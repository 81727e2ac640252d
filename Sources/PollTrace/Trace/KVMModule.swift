/// How kvm is part of a host's kernel, and what its halt-polling parameters allow: decides which shell
/// lines set them.
///
/// The parameters are those of virt/kvm/kvm_main.c, whose module is `kvm` on every architecture.
package struct KVMModule: Hashable, Sendable {
  /// How the kernel has kvm.
  package enum Linkage: String, Hashable, Sendable {
    /// Options of /etc/modprobe.d have no effect: the kernel's command line has.
    case builtIn = "builtin"
    case module
  }
  /// What root may do with a parameter's file in sysfs.
  package enum Access: String, Hashable, Sendable {
    case writable = "rw"
    case readOnly = "ro"
    case absent = "none"
  }

  /// Nil where it is not known.
  package var linkage: Linkage?
  /// Of each parameter, in the order of `PollParameters.names`; nil where it is not known.
  package var access: [Access?]
  /// The file of the active tuned profile that sets one of the parameters; nil where none is known.
  package var tunedProfile: Untrusted?

  package init(linkage: Linkage?, access: [Access?], tunedProfile: Untrusted? = nil) {
    (self.linkage, self.access, self.tunedProfile) = (linkage, access, tunedProfile)
  }

  /// What follows from a kernel's `release` (`uname -r`) and its `arch` (`uname -m`), where nothing
  /// was recorded.
  ///
  /// CONFIG_KVM is a bool on arm64 (arch/arm64/kvm/Kconfig) and a tristate on x86. Before 5.1 there is no
  /// halt_poll_ns_grow_start (49113d360bde) unless a distribution took it over, and the oldest kernels
  /// let nobody write grow and shrink (0444 in 4.4, 0644 in 4.9).
  package init(release: Untrusted?, arch: Untrusted?) {
    linkage = arch == "aarch64" || arch == "arm64" ? .builtIn : nil
    let rules = release.flatMap { PollRules.of(release: $0.unescaped) }
    let other: Access? = rules?.growth == .fromGrowStart ? .writable : nil
    access = [.writable, other, other, other]
  }

  /// Whether a parameter is known to be one that nobody can write while kvm is loaded.
  package var isFixed: Bool { access.contains(.readOnly) }

  /// What holds of both hosts.
  package func common(with other: KVMModule) -> KVMModule {
    KVMModule(
      linkage: linkage == other.linkage ? linkage : nil,
      access: zip(access, other.access).map { $0 == $1 ? $0 : nil },
      tunedProfile: tunedProfile ?? other.tunedProfile)
  }
}

extension TraceDescription {
  /// What the recorder saw, else what follows from the kernel's name.
  package var module: KVMModule {
    let said = { (words: [Untrusted?]) in words.compactMap(\.self).first { !$0.isEmpty } }
    return facts?.module
      ?? KVMModule(release: said([facts?.kernel, kernel]), arch: said([facts?.arch, arch]))
  }
}

extension Report {
  /// What the hosts of its traces have in common.
  package var module: KVMModule {
    let modules = traces.map(\.trace.module)
    return modules.dropFirst().reduce(modules.first ?? KVMModule(release: nil, arch: nil)) {
      $0.common(with: $1)
    }
  }
}
