import Fixtures
import Foundation
import PollTrace
import Testing

@testable import PollTraceStatistics

/// KVM's counters of a vCPU as `haltload --stats` wrote them down at the end.
private struct Counted: Decodable {
  struct VCPU: Decodable {
    var vcpu: UInt32
    var tid: Int32
    var counts: [String: UInt64] = [:]
    var spreads: [String: [UInt64]] = [:]

    init(from decoder: any Decoder) throws {
      let fields = try decoder.singleValueContainer().decode([String: Field].self)
      guard case .number(let vcpu) = fields["vcpu"], case .number(let tid) = fields["tid"] else {
        throw Program.Failure(description: "no vCPU")
      }
      self.vcpu = UInt32(vcpu)
      self.tid = Int32(tid)
      for (name, field) in fields {
        switch field {
        case .number(let number): counts[name] = number
        case .numbers(let numbers): spreads[name] = numbers
        }
      }
    }
  }
  enum Field: Decodable {
    case number(UInt64)
    case numbers([UInt64])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(UInt64.self) {
        self = .number(number)
      } else {
        self = .numbers(try container.decode([UInt64].self))
      }
    }
  }
  var vcpus: [VCPU]

  init(_ path: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
  }
}

/// How many files of this process are a vCPU's statistics.
private var heldStatistics: Int { statisticsHeld(by: getpid()) }

/// The same of process `id`.
private func statisticsHeld(by id: Int32) -> Int {
  let folder = "/proc/\(id)/fd"
  let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  return files.filter {
    let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
    return link?.hasPrefix("anon_inode:kvm-vcpu-stats") == true
  }.count
}

@Suite(.serialized, .enabled(if: Host.canRecord, "needs root, tracefs and /dev/kvm"))
struct `KVM's counters without tracing` {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Samples until `condition` holds of a sample; nil where it never does.
  private func sample(
    _ statistics: KVMStatistics, until condition: (CounterSample) -> Bool
  ) -> CounterSample? {
    for _ in 0..<500 {
      let sample = statistics.sample()
      if condition(sample) { return sample }
      _ = statistics.wait(for: 20_000_000)
    }
    return nil
  }

  @Test func `are those of haltload to the unit, of VMs that come and go`() throws {
    let loads = try (0..<6).map { number in
      try Program(
        "haltload",
        [
          "--vcpus", "\(number % 3 + 1)", "--duration", "\(600 + 250 * number)ms", "--seed",
          "\(number + 1)", "--distribution", number.isMultiple(of: 2) ? "exponential" : "bursty",
          "--ceiling", number == 3 ? "0" : "200us", "--stats", scratch("\(number).json"),
        ])
    }
    let ids = Set(loads.map { ProcessID($0.id) })
    let statistics = KVMStatistics(wanted: loads.map { "\($0.id)" })
    var ended: [ProcessID: CountedVM] = [:]
    var seen: [ProcessID: CountedVM] = [:]
    _ = sample(statistics) { sample in
      for vm in sample.vms where ids.contains(vm.process) && vm.source == .counters {
        // What is counted never falls.
        if let before = seen[vm.process]?.counters?[.attemptedPolls] {
          #expect(vm.counters?[.attemptedPolls] ?? 0 >= before)
        }
        seen[vm.process] = vm
      }
      for vm in sample.ended where ids.contains(vm.process) { ended[vm.process] = vm }
      return ended.count == loads.count
    }
    #expect(Set(ended.keys) == ids)
    #expect(heldStatistics == 0)
    for (number, load) in loads.enumerated() {
      #expect(load.end().status == 0)
      let truth = try Counted(scratch("\(number).json"))
      let vm = try #require(ended[ProcessID(load.id)])
      #expect(vm.lack == nil)
      #expect(vm.vcpus.map(\.vcpu) == truth.vcpus.map(\.vcpu))
      #expect(vm.vcpus.map(\.thread) == truth.vcpus.map { ThreadID($0.tid) })
      for (mine, kernels) in zip(vm.vcpus, truth.vcpus) {
        for count in HaltCounters.Count.allCases {
          #expect(mine.counters[count] == kernels.counts[count.name], "\(count.name)")
        }
        for spread in HaltCounters.Spread.allCases {
          #expect(mine.counters[spread]?.counts == kernels.spreads[spread.name], "\(spread.name)")
        }
        #expect(number == 3 || mine.counters[.attemptedPolls] ?? 0 > 0)
      }
    }
  }

  @Test func `are given up the moment a VM ends, while waiting`() throws {
    let load = try Program("haltload", ["--vcpus", "2", "--duration", "2s"])
    let statistics = KVMStatistics(wanted: ["\(load.id)"])
    let found = sample(statistics) { $0.vms.first?.lack == nil && $0.vms.first?.vcpus.count == 2 }
    #expect(found != nil)
    #expect(heldStatistics == 2)
    statistics.letGo()
    #expect(heldStatistics == 0)
    #expect(statistics.sample().vms.first?.vcpus.count == 2)
    #expect(heldStatistics == 2)
    // The wait goes on after the VM's end: it was the VM that ended it, had it ended early.
    let end = ContinuousClock.now + .seconds(2)
    while ContinuousClock.now < end { _ = statistics.wait(for: 300_000_000) }
    #expect(heldStatistics == 0)
    #expect(statistics.sample().ended.map(\.process) == [ProcessID(load.id)])
    #expect(statistics.sample().ended.isEmpty)
    _ = load.end()
  }

  @Test func `are given up at a VM's end while nobody reads what polltrace top prints`() throws {
    // In a pipe there is room for 64 KiB; each look at 64 vCPUs prints more.
    let load = try Program(
      "haltload", ["--vcpus", "64", "--mean", "100ms", "--duration", "3s"])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path("polltrace"))
    process.arguments = ["top", "--json", "-d", "100ms", "--vm", "\(load.id)"]
    process.standardOutput = Pipe()
    try process.run()
    defer {
      // Other signals are blocked on the thread that a test runs on, and so in its children.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    func waits(until condition: () -> Bool) -> Bool {
      for _ in 0..<400 {
        if condition() { return true }
        Thread.sleep(forTimeInterval: 0.05)
      }
      return false
    }
    #expect(waits { statisticsHeld(by: process.processIdentifier) == 64 })
    _ = load.end()
    #expect(waits { statisticsHeld(by: process.processIdentifier) == 0 })
  }

  @Test func `are no more than debugfs's sums where the VMM holds none open`() throws {
    let load = try Program("haltload", ["--no-hold-statistics", "--duration", "30s"])
    defer {
      load.signal(SIGTERM)
      _ = load.end()
    }
    let none = KVMStatistics(wanted: ["\(load.id)"], debugfs: nil, lack: nil)
    let vm = try #require(sample(none) { $0.vms.first?.lack == .notHeld }?.vms.first)
    #expect(vm.source == .none && vm.counters == nil)
    let directory = scratch("\(load.id)-9")
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for (name, value) in [
      ("halt_attempted_poll", "12"), ("halt_exits", "34"), ("halt_wakeup", "x"),
    ] {
      try "\(value)\n".write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8)
    }
    let sums = KVMStatistics(
      wanted: ["\(load.id)"], debugfs: DebugFS(root: scratch.path), lack: nil)
    let summed = try #require(sample(sums) { $0.vms.first?.source == .debugfs }?.vms.first)
    #expect(summed.counters?[.attemptedPolls] == 12)
    #expect(summed.counters?[.exits] == 34)
    #expect(summed.counters?[.wakeups] == nil)
    #expect(summed.vcpus.isEmpty && summed.lack == .notHeld)
  }

  @Test func `are not held on a kernel that would not keep the VM`() throws {
    let load = try Program("haltload", ["--duration", "30s"])
    defer {
      load.signal(SIGTERM)
      _ = load.end()
    }
    let statistics = KVMStatistics(
      wanted: ["\(load.id)"], debugfs: nil, lack: .unsafeKernel("6.1.0"))
    let vm = try #require(sample(statistics) { !$0.vms.isEmpty }?.vms.first)
    #expect(vm.source == .none && vm.lack == .unsafeKernel("6.1.0"))
    #expect(heldStatistics == 0)
  }

  /// Runs `polltrace check` as nobody, with the capabilities `capabilities` alone.
  private func check(asNobodyWith capabilities: [String]) throws -> String {
    let set = (["-all"] + capabilities.map { "+\($0)" }).joined(separator: ",")
    return try Program.run(
      "setpriv",
      [
        "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps", set,
        "--ambient-caps", set, Program.path("polltrace"), "check",
      ]
    ).output
  }

  @Test func `need CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, and nothing else`() throws {
    let load = try Program("haltload", ["--duration", "30s"])
    defer {
      load.signal(SIGTERM)
      _ = load.end()
    }
    let statistics = KVMStatistics(wanted: ["\(load.id)"])
    #expect(sample(statistics) { $0.vms.first?.lack == nil && !$0.vms.isEmpty } != nil)
    let line = "counters   process \(load.id): "
    #expect(
      try check(asNobodyWith: ["sys_ptrace", "dac_read_search"])
        .contains("ok   \(line)KVM's statistics of 1 of 1 vCPUs\n"))
    for lacking in [[], ["dac_read_search"]] {
      #expect(
        try check(asNobodyWith: lacking)
          .contains(
            "note \(line)none without tracing; the right to look into its process is missing"))
    }
  }

  /// Whether this kernel lets files of debugfs be read: in lockdown it does not.
  private static let debugfsIsReadable =
    (try? Program.run(
      "unshare",
      [
        "-m", "sh", "-c",
        "mount -t debugfs none /sys/kernel/debug && cat /sys/kernel/debug/fault_around_bytes",
      ]
    ).status) == 0

  @Test(.enabled(if: debugfsIsReadable, "needs debugfs, and a kernel that is not locked down"))
  func `come from a real debugfs in a mount namespace of its own`() throws {
    let load = try Program("haltload", ["--no-hold-statistics", "--duration", "30s"])
    defer {
      load.signal(SIGTERM)
      _ = load.end()
    }
    let statistics = KVMStatistics(wanted: ["\(load.id)"], debugfs: nil, lack: nil)
    #expect(sample(statistics) { $0.vms.first?.lack == .notHeld } != nil)
    let run = try Program.run(
      "unshare",
      [
        "-m", "sh", "-c",
        "mount -t debugfs none /sys/kernel/debug; exec \(Program.path("polltrace")) check",
      ])
    #expect(
      run.output.contains(
        "process \(load.id): KVM's sums over its vCPUs (debugfs); its process holds no statistics"))
  }

  @Test func `come line by line from polltrace top, the last time at the VM's end`() throws {
    let load = try Program(
      "haltload", ["--vcpus", "2", "--duration", "1s", "--stats", scratch("s.json")])
    let top = try Program.run(
      "polltrace", ["top", "--json", "-d", "200ms", "-n", "10", "--vm", "\(load.id)"])
    #expect(load.end().status == 0)
    #expect(top.status == 0, "\(top.error)")
    let lines = try top.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.first?["schema"] as? String == "polltrace.top/1")
    let vcpus = lines.filter { $0["type"] as? String == "vcpu" }
    let ended = vcpus.filter { $0["ended"] as? Bool == true }
    let truth = try Counted(scratch("s.json")).vcpus
    #expect(ended.map { $0["vcpu"] as? Int } == [0, 1])
    for (line, vcpu) in zip(ended, truth) {
      let counters = try #require(line["counters"] as? [String: Any])
      for count in HaltCounters.Count.allCases {
        #expect(counters[count.name] as? UInt64 == vcpu.counts[count.name], "\(count.name)")
      }
      // What the first look had, and what came after, is all of it.
      let of = vcpus.filter { $0["vcpu"] as? Int == Int(vcpu.vcpu) }
      let deltas = of.compactMap {
        ($0["delta"] as? [String: Any])?["halt_attempted_poll"] as? UInt64
      }
      let first = of.first { $0["delta"] is [String: Any] }
      let before =
        ((first?["counters"] as? [String: Any])?["halt_attempted_poll"] as? UInt64 ?? 0)
        - (deltas.first ?? 0)
      #expect(deltas.reduce(before, +) == vcpu.counts["halt_attempted_poll"])
    }
    // Every key is in the document, and every key of the document in some line.
    let named = try documented()
    let found = Set(lines.flatMap(\.keys)).subtracting(["type"])
    #expect(found.subtracting(named).isEmpty, "\(found.subtracting(named))")
    let missing = named.subtracting(found)
    #expect(missing == ["pid", "name", "ge", "lt"], "\(missing)")
  }

  /// The keys that docs/report-schema.md names of counters.
  private func documented() throws -> Set<String> {
    let text = try String(
      contentsOfFile: Fixtures.project("docs/report-schema.md"), encoding: .utf8)
    let section = try #require(text.components(separatedBy: "\n## Counters").last)
    let table = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let words = table.flatMap { row in
      row.split(separator: "|", maxSplits: 1).last.map { cells in
        cells.split(separator: "`", omittingEmptySubsequences: false).enumerated()
          .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
      } ?? []
    }
    let others = [
      "meta", "vcpu", "vm", "host", "parameters_changed", "counters", "debugfs", "none",
    ]
    return Set(words).subtracting(others).union(["vcpu", "vm", "counters"])
  }
}
