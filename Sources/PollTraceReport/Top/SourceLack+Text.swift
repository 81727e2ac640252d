package import PollTrace

extension SourceLack {
  /// Why a VM's counters cannot be had.
  package var explanation: String {
    switch self {
    case .unsafeKernel(let release):
      "Linux \(release.terminal) is not known to keep a VM whose statistics are open"
    case .refused: "the right to look into its process is missing"
    case .notHeld: "its process holds no statistics of KVM open"
    case .partlyHeld: "its process holds the statistics of some of its vCPUs only"
    case .severalVMs: "its process runs several VMs, whose statistics look the same"
    case .unreadable(let why): "KVM's statistics cannot be read: \(why.terminal)"
    case .noMoreFiles: "this process may open no more files"
    }
  }

  /// What would help.
  package var remedy: String {
    switch self {
    case .unsafeKernel:
      "Linux 6.5, 6.4.8, 6.1.43 or 5.15.124, or newer ones of these (eed3013faa40)"
    case .refused: "run as root, or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH"
    case .notHeld: "QEMU 8.1 or newer; polltrace record works with every VMM"
    case .partlyHeld: "look again when all vCPUs run"
    case .severalVMs, .unreadable: "polltrace record"
    case .noMoreFiles: "raise the limit of open files (ulimit -Hn)"
    }
  }
}
