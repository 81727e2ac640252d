import Foundation
import Testing

@testable import PollTraceCLI

@Suite struct `A quota of CPU time` {
  /// Lines of /proc/self/mountinfo.
  private static let unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw"
  private static let legacy =
    "33 32 0:30 / /sys/fs/cgroup/cpu rw shared:12 - cgroup cgroup rw,cpu,cpuacct"

  private func limit(
    _ cgroups: String, _ mounts: String, _ files: [String: String]
  ) -> Int? {
    CPUQuota.limit(cgroups: cgroups, mounts: mounts) { files[$0] }
  }

  @Test func `is that of version 2, rounded up`() {
    let files = ["/sys/fs/cgroup/a/b/cpu.max": "250000 100000\n"]
    #expect(limit("0::/a/b\n", Self.unified, files) == 3)
    #expect(limit("0::/a/b\n", Self.unified, ["/sys/fs/cgroup/a/b/cpu.max": "1000 100000\n"]) == 1)
  }

  @Test func `is the tightest from the process's cgroup up`() {
    let files = [
      "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n", "/sys/fs/cgroup/a/cpu.max": "200000 100000\n",
      "/sys/fs/cgroup/cpu.max": "800000 100000\n", "/sys/fs/cgroup/c/cpu.max": "100000 100000\n",
    ]
    #expect(limit("0::/a/b\n", Self.unified, files) == 2)
  }

  @Test func `is that of version 1, by the controller of the CPUs`() {
    let files = [
      "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "150000\n",
      "/sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "50000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    ]
    let groups = "5:cpuset:/x\n4:cpu,cpuacct:/a\n0::/y\n"
    #expect(limit(groups, Self.legacy, files) == 3)
  }

  /// Docker without a cgroup namespace: the path is the host's, and only the container's part is mounted.
  @Test func `is found where a container sees its part alone`() {
    let mounts =
      "33 32 0:30 /docker/x /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n" + Self.unified
    let files = [
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "400000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    ]
    #expect(limit("4:cpu,cpuacct:/docker/x\n0::/\n", mounts, files) == 4)
    #expect(limit("4:cpu,cpuacct:/docker/x/y\n", mounts, files) == 4)
  }

  @Test(arguments: ["", "0::/a", "0::/a\n4:cpu", "nonsense\n::\n"])
  func `is none where the files do not say`(cgroups: String) {
    let mounts = ["", Self.unified, Self.legacy, "1 2 3 - cgroup2", "- cgroup2 x y"]
    for mount in mounts { #expect(limit(cgroups, mount, [:]) == nil) }
    let odd = ["/sys/fs/cgroup/a/cpu.max": "-5 0\n"]
    #expect(limit(cgroups, Self.unified, odd) == nil)
  }
}

@Suite struct `The processors of a command` {
  @Test(.enabled(if: Run.has("taskset"), "needs taskset"))
  func `are those of its affinity mask`() throws {
    // The calling thread's mask is the one that is asked for.
    let thread = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
    let id = String(thread.split(separator: "/").last ?? "")
    let before = try taskset(["-p", id]).split(separator: " ").last.map(String.init) ?? ""
    let first = try taskset(["-pc", id]).split { " ,-\n".contains($0) }.first { Int($0) != nil }
    _ = try taskset(["-pc", String(try #require(first)), id])
    let usable = Processors.usable
    _ = try taskset(["-p", before.trimmingCharacters(in: .newlines), id])
    #expect(usable == 1)
  }

  private func taskset(_ arguments: [String]) throws -> String {
    try Run(["taskset"] + arguments, of: URL(filePath: "/usr/bin/env")).output
  }
}
