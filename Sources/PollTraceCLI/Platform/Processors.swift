import CLinux
import PollTrace
import PollTraceCapture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How many CPUs this process may keep busy.
enum Processors {
  /// As many as its affinity mask has (taskset, cpusets), and no more than its cgroups' quota of CPU time
  /// lets run (containers, CPUQuota= of systemd); at least one.
  static var usable: Int {
    let online = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    let allowed = Int(linux_allowed_cpus())
    let quota = CPUQuota.limit(
      cgroups: text("/proc/self/cgroup"), mounts: text("/proc/self/mountinfo")
    ) { path in try? Input.text(path: OSString(path)) }
    return max(1, min(allowed > 0 ? allowed : online, quota ?? .max))
  }

  private static func text(_ path: String) -> String {
    (try? Input.text(path: OSString(path))) ?? ""
  }
}

/// The CPU time that the kernel lets a process's cgroups use.
///
/// linux Documentation/admin-guide/cgroup-v2.rst (`cpu.max`: quota and period, "max" for none) and
/// Documentation/scheduler/sched-bwc.rst (`cpu.cfs_quota_us`, -1 for none, and `cpu.cfs_period_us`).
enum CPUQuota {
  /// How many CPUs the tightest quota from a process's cgroup up to the root keeps busy, rounded up; nil
  /// where there is none.
  ///
  /// `cgroups` is /proc/self/cgroup, `mounts` /proc/self/mountinfo; `read` gives a file's text.
  static func limit(cgroups: String, mounts: String, read: (String) -> String?) -> Int? {
    var limits: [Double] = []
    for mount in mounts.split(separator: "\n") {
      // Fields 4 and 5 are the root of the mount and where it is; behind a lone hyphen come the type,
      // the source and the options of the file system (proc(5)).
      let halves = mount.split(separator: " - ", maxSplits: 1)
      guard halves.count == 2 else { continue }
      let (fields, system) = (halves[0].split(separator: " "), halves[1].split(separator: " "))
      guard fields.count > 4, system.count > 2 else { continue }
      let isUnified = system[0] == "cgroup2"
      guard isUnified || (system[0] == "cgroup" && names(system[2], "cpu")),
        let group = path(in: cgroups, isUnified: isUnified)
      else { continue }
      // A container may see its cgroup's path from the host's root, and only its own part mounted.
      let below =
        fields[3] != "/" && group.hasPrefix(fields[3])
        ? group.dropFirst(fields[3].count) : group[...]
      var folder = below.split(separator: "/")
      while true {
        let base = ([String(fields[4])] + folder.map(String.init)).joined(separator: "/")
        if let limit = isUnified ? unified(base, read) : legacy(base, read) { limits.append(limit) }
        if folder.popLast() == nil { break }
      }
    }
    return limits.min().map { Int(clamping: Int64(saturating: max(1, min($0, 1e6)).rounded(.up))) }
  }

  /// Whether `list`, words with commas between, has `word`.
  private static func names(_ list: Substring, _ word: String) -> Bool {
    list.split(separator: ",").contains { $0 == word }
  }

  /// The cgroup's path in the hierarchy of version 2, or in the one of version 1 that has the CPUs
  /// (lines `number:controllers:path`).
  private static func path(in cgroups: String, isUnified: Bool) -> Substring? {
    for line in cgroups.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      if isUnified ? fields[0] == "0" && fields[1].isEmpty : names(fields[1], "cpu") {
        return fields[2]
      }
    }
    return nil
  }

  private static func unified(_ folder: String, _ read: (String) -> String?) -> Double? {
    let words = read(folder + "/cpu.max")?.split { $0 == " " || $0 == "\n" } ?? []
    return words.count == 2 ? ratio(words[0], words[1]) : nil
  }

  private static func legacy(_ folder: String, _ read: (String) -> String?) -> Double? {
    guard let quota = read(folder + "/cpu.cfs_quota_us"),
      let period = read(folder + "/cpu.cfs_period_us")
    else { return nil }
    return ratio(quota.prefix { $0 != "\n" }, period.prefix { $0 != "\n" })
  }

  private static func ratio(_ quota: Substring, _ period: Substring) -> Double? {
    guard let quota = Double(quota), let period = Double(period), quota > 0, period > 0 else {
      return nil
    }
    return quota / period
  }
}
