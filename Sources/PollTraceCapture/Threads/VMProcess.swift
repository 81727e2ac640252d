import PollTrace

/// A process that runs vCPUs, as /proc shows it.
struct VMProcess: Hashable, Sendable {
  var process: ProcessID
  var name: String
  /// Its vCPU threads; where fewer threads are named for a vCPU than it has vCPUs, all threads.
  var threads: [RecordedFacts.VCPUThread]
  /// The names of those threads.
  var names: [ThreadID: String]

  /// Reads process `id`; nil where it holds no vCPU, or may not be looked at.
  init?(_ id: Int32) {
    let root = "/proc/\(id)"
    let vcpus = Self.vcpus(of: id)
    if vcpus == 0 { return nil }
    let tasks = ((try? Paths.names(in: "\(root)/task")) ?? []).compactMap { Int32($0) }.sorted()
    let named = tasks.reduce(into: [Int32: String]()) { names, task in
      names[task] = Paths.line("\(root)/task/\(task)/comm")
    }
    // Without the right to look at its files (`vcpus` nil) names alone are believed, if they are clear.
    let known = named.filter {
      vcpus == nil ? VCPUThreadName.isClear($0.value) : VCPUThreadName.vcpu(in: $0.value) != nil
    }
    guard vcpus ?? known.count > 0 else { return nil }
    let chosen = known.count >= vcpus ?? 1 ? known : named
    process = ProcessID(id)
    let arguments = VMName.arguments((try? Paths.bytes("\(root)/cmdline")) ?? [])
    let name = VMName.name(arguments)
    let uuid = VMName.uuid(arguments)
    self.name = name
    // Names that are cut to the same tell no ids.
    let counts = Dictionary(chosen.values.map { ($0, 1) }, uniquingKeysWith: +)
    threads = chosen.keys.sorted().map { task in
      RecordedFacts.VCPUThread(
        thread: ThreadID(task), process: ProcessID(id), vm: Untrusted(name),
        vcpu: chosen[task].flatMap { counts[$0] == 1 ? VCPUThreadName.vcpu(in: $0) : nil },
        uuid: Untrusted(uuid))
    }
    names = Dictionary(uniqueKeysWithValues: chosen.map { (ThreadID($0.key), $0.value) })
  }

  /// Whether each thread's name says which vCPU it is.
  var isNamed: Bool { threads.allSatisfy { $0.vcpu != nil } }

  /// How many vCPUs the process holds; nil where its files may not be looked at.
  private static func vcpus(of id: Int32) -> Int? {
    guard let files = try? Paths.names(in: "/proc/\(id)/fd") else { return nil }
    var count = 0
    for file in files {
      do {
        let link = try Paths.link("/proc/\(id)/fd/\(file)")
        if link == vcpu || link.hasPrefix(vcpu + ":") { count += 1 }
      } catch {
        // Gone meanwhile, or not for us to see.
        if error.isRefused { return nil }
      }
    }
    return count
  }

  /// What the link of a vCPU's file says.
  ///
  /// Newer kernels add `:ID`; statistics files are called `kvm-vcpu-stats:ID` and are none.
  private static let vcpu = "anon_inode:kvm-vcpu"
}
