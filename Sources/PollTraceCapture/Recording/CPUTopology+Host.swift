import PollTrace

extension CPUTopology {
  /// This host's, as sysfs tells it (linux Documentation/ABI/testing/sysfs-devices-system-cpu); nil where it
  /// does not.
  static var onThisHost: CPUTopology? {
    let root = "/sys/devices/system"
    guard let online = Paths.line("\(root)/cpu/online").flatMap({ CPUSet($0) }) else { return nil }
    var found: [String: Set<CPUSet>] = [:]
    let names = (try? Paths.names(in: "\(root)/cpu")) ?? []
    for name in names where name.hasPrefix("cpu") && UInt32(name.dropFirst(3)) != nil {
      let folder = "\(root)/cpu/\(name)"
      if let core = list("\(folder)/topology/thread_siblings_list"), core != CPUSet([cpu(name)]) {
        found["core", default: []].insert(core)
      }
      for cache in (try? Paths.names(in: "\(folder)/cache")) ?? [] {
        guard let level = Paths.line("\(folder)/cache/\(cache)/level").flatMap({ UInt8($0) }),
          level > 1, let cpus = list("\(folder)/cache/\(cache)/shared_cpu_list")
        else { continue }
        found["l\(level)", default: []].insert(cpus)
      }
    }
    for name in (try? Paths.names(in: "\(root)/node")) ?? [] where name.hasPrefix("node") {
      if let cpus = list("\(root)/node/\(name)/cpulist") { found["node", default: []].insert(cpus) }
    }
    return CPUTopology(
      online: online,
      groups: found.sorted { $0.key < $1.key }.flatMap { kind, groups in
        groups.sorted().map { Group(kind: kind, cpus: $0) }
      })
  }

  /// The CPU of a folder's name.
  private static func cpu(_ name: String) -> CPU { CPU(UInt32(name.dropFirst(3)) ?? .max) }

  private static func list(_ path: String) -> CPUSet? { Paths.line(path).flatMap { CPUSet($0) } }
}
