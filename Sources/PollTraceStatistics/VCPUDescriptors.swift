import PollTraceCapture

/// What a process holds open of KVM's vCPUs, as /proc/PID/fd shows it.
struct VCPUDescriptors: Hashable {
  /// The lowest descriptor of each vCPU's statistics, by the vCPU's id.
  private(set) var statistics: [UInt32: Int32] = [:]
  /// How many vCPUs the process holds.
  private(set) var vcpus = 0
  /// Whether it holds a vCPU id twice: then it runs several VMs.
  private(set) var hasSeveralVMs = false

  private static let vcpu = "anon_inode:kvm-vcpu:"
  private static let statistic = "anon_inode:kvm-vcpu-stats:"

  /// Looks at process `process`.
  ///
  /// - Throws: What the system said where that is not allowed, or the process is gone.
  init(of process: Int32) throws(SystemError) {
    var links: [(Int32, String)] = []
    for name in try Paths.names(in: "/proc/\(process)/fd") {
      guard let number = Int32(name) else { continue }
      do {
        links.append((number, try Paths.link("/proc/\(process)/fd/\(name)")))
      } catch {
        // Gone meanwhile, or not for us to see.
        if error.isRefused { throw error }
      }
    }
    self.init(links)
  }

  /// Takes what `links`, descriptors and what they are of, say.
  init(_ links: [(Int32, String)]) {
    var ids: Set<UInt32> = []
    for (number, link) in links.sorted(by: { $0.0 < $1.0 }) {
      if let id = Self.id(link, Self.statistic) {
        if statistics[id] == nil { statistics[id] = number }
      } else if let id = Self.id(link, Self.vcpu) {
        vcpus += 1
        if !ids.insert(id).inserted { hasSeveralVMs = true }
      }
    }
  }

  /// Whether `link` is the statistics of vCPU `id`.
  static func isStatistics(_ link: String, of id: UInt32) -> Bool { Self.id(link, statistic) == id }

  private static func id(_ link: String, _ prefix: String) -> UInt32? {
    guard link.hasPrefix(prefix) else { return nil }
    return UInt32(link.dropFirst(prefix.count))
  }
}
