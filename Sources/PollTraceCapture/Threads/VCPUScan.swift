import PollTrace

/// Follows which threads are vCPUs, at little cost.
///
/// A process is looked into when it is new, again at growing intervals, and when its threads change: at once
/// where it runs vCPUs; always where it was asked for and runs none yet. As long as no thread is created on the
/// machine, hardly anything is looked at.
struct VCPUScan {
  /// What is known of one process.
  private struct Entry {
    /// Its threads when last looked into.
    var threads: Int
    var vm: VMProcess?
    /// When it was looked into, and how long not to do so again.
    var looked: Timestamp
    var pause: Nanoseconds
  }

  /// Between two looks into a process at least; less while a VM that was asked for is not there.
  private var shortest: Nanoseconds { isWaiting ? 5_000_000 : 50_000_000 }
  private static let longest: Nanoseconds = 4_000_000_000
  /// The pause of a VM whose vCPUs all have names, once it was found unchanged, and of a process that still ran
  /// none when it was calm: what else it does makes or ends threads.
  private static let longestOfKnown: Nanoseconds = 64_000_000_000

  /// VMs to follow, by process id or name; empty for all.
  let wanted: [String]
  private var entries: [Int32: Entry] = [:]
  /// Every vCPU thread seen so far, in order of appearance.
  private(set) var seen: [RecordedFacts.VCPUThread] = []
  private(set) var names: [ThreadID: String] = [:]
  private var index: [ThreadID: Int] = [:]

  /// The thread that was created last, when that was seen, and when all was looked at.
  private var newest: ThreadID?
  private var stirred: Timestamp?
  private var looked = Timestamp(0)
  /// A new thread gets its name and its vCPU a little later.
  private static let calm: Nanoseconds = 1_000_000_000

  init(wanted: [String] = []) { self.wanted = wanted }

  /// The VMs running now.
  var running: [VMProcess] {
    entries.values.compactMap(\.vm).filter(isWanted).sorted { $0.process < $1.process }
  }

  /// The vCPU threads running now.
  var threads: Set<ThreadID> { Set(running.lazy.flatMap(\.threads).map(\.thread)) }

  /// Those of them whose names do not tell that they are vCPUs.
  var unnamedThreads: Set<ThreadID> {
    threads.filter { names[$0].flatMap(VCPUThreadName.vcpu) == nil }
  }

  /// Whether a VM that was asked for is not running: of its halts nothing is recorded until it is found.
  var isWaiting: Bool {
    let running = running
    return wanted.contains { name in
      !running.contains { "\($0.process.rawValue)" == name || $0.name == name }
    }
  }

  /// Looks again; true where anything about vCPU threads changed.
  mutating func update(at now: Timestamp = Machine.now) -> Bool {
    guard isWorthwhile(at: now) else { return false }
    looked = now
    let processes = ((try? Paths.names(in: "/proc")) ?? []).compactMap { Int32($0) }
    var isChanged = false
    let gone = Set(entries.keys).subtracting(processes)
    for id in gone { isChanged = entries.removeValue(forKey: id)?.vm != nil || isChanged }
    for id in processes { isChanged = look(at: id, now) || isChanged }
    if isChanged { note() }
    return isChanged
  }

  /// Forgets the threads that run no more.
  mutating func forgetEnded() {
    let running = threads
    guard seen.contains(where: { !running.contains($0.thread) }) else { return }
    seen.removeAll { !running.contains($0.thread) }
    names = names.filter { running.contains($0.key) }
    index = Dictionary(uniqueKeysWithValues: seen.enumerated().map { ($1.thread, $0) })
  }

  /// Whether threads were created lately, or nothing was looked at for long.
  private mutating func isWorthwhile(at now: Timestamp) -> Bool {
    let newest = Machine.newestThread
    if newest == nil || newest != self.newest {
      self.newest = newest
      stirred = now
    }
    return stirred.map { now - $0 < Self.calm } ?? true || now - looked >= Self.longest
  }

  private mutating func look(at id: Int32, _ now: Timestamp) -> Bool {
    guard var entry = entries[id] else {
      let vm = VMProcess(id)
      entries[id] = Entry(
        threads: Self.threads(of: id), vm: vm, looked: now, pause: shortest)
      return vm != nil
    }
    let threads = Self.threads(of: id)
    let isStirred = threads != entry.threads
    let pause =
      !isStirred ? entry.pause : entry.vm == nil ? min(entry.pause, Self.longest) : .zero
    guard now - entry.looked >= pause else { return false }
    var vm = VMProcess(id)
    // A VM that ends lets its threads go before its files: those that are left are no vCPUs.
    if let before = entry.vm, before.isNamed, vm?.isNamed == false { vm = before }
    let isChanged = vm != entry.vm
    if isChanged || isStirred && vm != nil || vm == nil && isWanted(id) {
      entry.pause = shortest
    } else if !isStirred, vm?.isNamed ?? (entry.pause > Self.calm) {
      entry.pause = Self.longestOfKnown
    } else {
      entry.pause = min(entry.pause + entry.pause, Self.longest)
    }
    entry.threads = threads
    entry.vm = vm
    entry.looked = now
    entries[id] = entry
    return isChanged
  }

  /// The link count of the directory of its threads is their number and 2.
  private static func threads(of id: Int32) -> Int { Paths.links("/proc/\(id)/task") }

  /// Takes what runs now into what was seen.
  private mutating func note() {
    for vm in running {
      // Before its vCPU threads had names, all of its threads were taken for such.
      let isKnown = vm.isNamed
      let current = Set(vm.threads.map(\.thread))
      if isKnown, seen.contains(where: { $0.process == vm.process && $0.vcpu == nil }) {
        seen.removeAll {
          $0.process == vm.process && $0.vcpu == nil && !current.contains($0.thread)
        }
        index = Dictionary(uniqueKeysWithValues: seen.enumerated().map { ($1.thread, $0) })
      }
      names.merge(vm.names) { $1 }
      for thread in vm.threads {
        if let known = index[thread.thread] {
          seen[known] = thread
        } else {
          index[thread.thread] = seen.count
          seen.append(thread)
        }
      }
    }
  }

  private func isWanted(_ vm: VMProcess) -> Bool {
    wanted.isEmpty || isWanted(vm.process.rawValue) || wanted.contains(vm.name)
  }
  private func isWanted(_ process: Int32) -> Bool { wanted.contains("\(process)") }
}
