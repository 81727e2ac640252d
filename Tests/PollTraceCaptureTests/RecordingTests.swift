import Foundation
import PollTrace
import Testing

@testable import PollTraceCapture

@Suite(.serialized, .enabled(if: Host.canRecord, "needs root, tracefs and /dev/kvm"))
struct `A recording` {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func load(_ duration: String, mean: String = "120us") -> [String] {
    ["--vcpus", "2", "--mean", mean, "--distribution", "exponential", "--duration", duration]
  }

  /// What trace-cmd says of a trace; fails where it complains.
  private func events(of trace: String) throws -> [String] {
    for options in [["report", "--stat"], ["dump", "--all"]] {
      let result = try Program.run("trace-cmd", options + [trace])
      #expect(result.error == "")
      #expect(result.status == 0)
    }
    let result = try Program.run("trace-cmd", ["report", trace])
    #expect(result.error == "")
    #expect(result.status == 0)
    return result.output.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("cpus=") }
  }

  /// The number before `noun` in a closing line.
  private func count(_ noun: String, in talk: String) -> Int? {
    let words = talk.split(whereSeparator: { " ;,\n".contains($0) && $0 != "," })
      .map { $0.replacingOccurrences(of: ",", with: "") }
    guard let place = words.lastIndex(of: noun), place > 0 else { return nil }
    return Int(words[place - 1])
  }

  @Test(arguments: ["none", "zstd"])
  func `holds as many events for trace-cmd as the recorder counted`(packing: String) throws {
    let trace = scratch("t.dat")
    let stats = scratch("s.json")
    let arguments =
      ["record", "--sched", "vcpus", "--compress", packing, "-o", trace, "--"]
      + [Program.path("haltload")] + load("2s") + ["--stats", stats]
    let result = try Program.run("polltrace", arguments)
    #expect(result.status == 0, "\(result.error)")
    let lines = try events(of: trace)
    #expect(lines.count == count("events", in: result.error))
    #expect(lines.count { $0.contains("kvm_vcpu_wakeup:") } > 1_000)
    for event in ["kvm_halt_poll_ns:", "sched_waking:", "sched_switch:"] {
      #expect(lines.contains { $0.contains(event) }, "\(event)")
    }
    // The threads of the VM alone, or others' only where they made way for it or woke it. Until its vCPUs have
    // names all of the VM's threads are taken for such.
    let own = ["/KVM", "haltload", "waker"]
    let others = lines.filter { line in !own.contains { line.contains($0) } }
    #expect(others.isEmpty)
    #expect(scratch.names == ["s.json", "t.dat"])
  }

  @Test func `takes switches between idle and any task, and no others beside those of vCPUs`()
    throws
  {
    let trace = scratch("t.dat")
    let arguments =
      ["record", "--sched", "full", "-o", trace, "--", Program.path("haltload")] + load("2s")
    let before = try Self.idleSeconds()
    #expect(try Program.run("polltrace", arguments).status == 0)
    let idle = try Self.idleSeconds() - before
    let switches = try events(of: trace).filter { $0.contains("sched_switch:") }
    let others = switches.filter { !$0.contains("/KVM") }
    // haltload's wakers sleep between two wakes. Where other tasks have the CPUs all the time, none goes idle.
    #expect(!others.isEmpty || idle < 0.5, "the CPUs were idle for \(idle) s")
    #expect(others.allSatisfy { $0.contains("swapper") })
    let wakings = try events(of: trace).filter { $0.contains("sched_waking:") }
    #expect(wakings.allSatisfy { $0.contains("/KVM") })
  }

  @Test(
    .enabled(
      if: Host.has(event: "kvm/kvm_apic_accept_irq") && !KVMModule.postsInterrupts,
      "needs kvm_apic_accept_irq, on hardware that posts no interrupts"))
  func `takes interrupts that vCPUs accept beside other tasks' switches, and only then`() throws {
    let trace = scratch("t.dat")
    func accepted(_ scheduler: String) throws -> [String] {
      let arguments = ["record", "--sched", scheduler, "-o", trace, "--", Program.path("haltload")]
      #expect(try Program.run("polltrace", arguments + load("1s")).status == 0)
      return try events(of: trace).filter { $0.contains("kvm_apic_accept_irq:") }
    }
    let full = try accepted("full")
    // Each wake of haltload is one.
    #expect(full.count { $0.contains("waker") } > 500)
    #expect(try accepted("vcpus").isEmpty)
  }

  /// How long this machine's CPUs have been idle since its boot, summed: the second number of /proc/uptime (proc_uptime(5)).
  private static func idleSeconds() throws -> Double {
    let text = try String(contentsOfFile: "/proc/uptime", encoding: .utf8)
    return try #require(text.split(separator: " ").last.flatMap { Double($0.dropLast()) })
  }

  @Test func `says on which CPUs each vCPU may run, and which share a cache`() throws {
    let trace = scratch("t.dat")
    let arguments =
      ["record", "-o", trace, "--", Program.path("haltload")] + load("3s") + ["--together"]
    #expect(try Program.run("polltrace", arguments).status == 0)
    let report = try Program.run("polltrace", ["report", trace, "--format", "json"]).output
    // VMs of other tests may be in the trace, too.
    #expect(report.components(separatedBy: #""affinity" : "0""#).count >= 3)
    let online = CPUTopology.onThisHost?.online.text
    #expect(report.contains("\"online\" : \"\(online ?? "?")\""))
  }

  @Test func `leaves sched events out where asked to`() throws {
    let trace = scratch("t.dat")
    let arguments = ["record", "--no-sched", "-o", trace, "--", Program.path("haltload")]
    let result = try Program.run("polltrace", arguments + load("1s"))
    #expect(result.status == 0, "\(result.error)")
    let lines = try events(of: trace)
    #expect(lines.contains { $0.contains("kvm_vcpu_wakeup:") })
    #expect(!lines.contains { $0.contains("sched_") })
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `ends whole at a signal`(signal: Int32) throws {
    let trace = scratch("t.dat")
    let load = try Program("haltload", load("2s"))
    let program = try Program("polltrace", ["record", "-o", trace])
    try program.waitUntilRecording()
    Thread.sleep(forTimeInterval: 0.5)
    program.signal(signal)
    let result = program.end()
    _ = load.end()
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("ended by SIG"))
    #expect(try events(of: trace).count > 100)
    #expect(!Host.instances.contains { $0.hasPrefix("polltrace-\(program.id)-") })
  }

  @Test func `ends after its duration and ends the command with it`() throws {
    let trace = scratch("t.dat")
    let began = Date()
    let result = try Program.run(
      "polltrace", ["record", "--duration", "500ms", "-o", trace, "--", "sleep", "60"])
    #expect(result.status == 0, "\(result.error)")
    #expect(Date().timeIntervalSince(began) < 20)
    _ = try events(of: trace)
  }

  @Test func `ends a command that ignores it, and says so after a second signal`() throws {
    let trace = scratch("t.dat")
    let program = try Program(
      "polltrace",
      ["record", "-o", trace, "--", "sh", "-c", "trap '' TERM; while :; do sleep 1; done"])
    try program.waitUntilRecording()
    program.signal(SIGINT)
    Thread.sleep(forTimeInterval: 0.01)
    program.signal(SIGINT)
    let result = program.end()
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("ended by SIGINT"))
    _ = try events(of: trace)
  }

  @Test func `that was killed is recovered, and its instance removed by the next run`() throws {
    let trace = scratch("t.dat")
    let killed = try kill(recordingTo: trace)
    let refused = try Program.run("polltrace", ["record", "--duration", "100ms", "-o", trace])
    #expect(refused.status == 1)
    #expect(refused.error.contains("--recover"))
    #expect(!Host.instances.contains { $0.hasPrefix("polltrace-\(killed)-") })
    let recovered = try Program.run("polltrace", ["record", "--recover", "-o", trace])
    #expect(recovered.status == 0, "\(recovered.error)")
    #expect(try events(of: trace).count > 1_000)
    #expect(scratch.names == ["t.dat"])
    let report = try Program.run("polltrace", ["report", "--no-recommendation", trace])
    #expect(report.status == 2)
    #expect(report.error.contains("each CPU's last events are missing"))
  }

  @Test func `that is packed says the same as one that is not`() throws {
    let (trace, packed) = (scratch("t.dat"), scratch("p.dat"))
    _ = try kill(recordingTo: trace)
    // What a recording to be packed leaves behind when it is killed.
    try FileManager.default.copyItem(atPath: trace + ".parts", toPath: packed + ".parts")
    try "zstd\n".write(toFile: packed + ".parts/packed", atomically: false, encoding: .utf8)
    for output in [trace, packed] {
      let recovered = try Program.run("polltrace", ["record", "--recover", "-o", output])
      #expect(recovered.status == 0, "\(recovered.error)")
    }
    let (plain, small) = (try events(of: trace), try events(of: packed))
    #expect(plain.count > 1_000)
    #expect(plain == small)
    #expect(try size(packed) * 2 < size(trace))
    let reports = try [trace, packed].map { path in
      try Program.run("polltrace", ["report", path, "--format", "csv"]).output
        .replacingOccurrences(of: path, with: "")
    }
    #expect(reports[0].contains("\n"))
    #expect(reports[0] == reports[1])
    #expect(scratch.names == ["p.dat", "t.dat"])
  }

  /// Kills a recording of some seconds; gives back its process.
  private func kill(recordingTo trace: String) throws -> Int32 {
    let load = try Program("haltload", load("3s"))
    let program = try Program("polltrace", ["record", "-o", trace])
    try program.waitUntilRecording()
    Thread.sleep(forTimeInterval: 2.2)
    program.signal(SIGKILL)
    _ = program.end()
    _ = load.end()
    return program.id
  }

  private func size(_ path: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
  }

  @Test func `leaves another recorder and a stranger's instance alone`() throws {
    let foreign = "\(Host.tracing)/instances/foreign-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: foreign, withIntermediateDirectories: false)
    defer { _ = unsafe rmdir(foreign) }
    try "1".write(
      toFile: foreign + "/events/kvm/kvm_vcpu_wakeup/enable", atomically: false, encoding: .utf8)
    let load = try Program("haltload", load("4s"))
    let names = ["a.dat", "b.dat"].map { scratch($0) }
    let programs = try names.map {
      try Program("polltrace", ["record", "--duration", "1s", "-o", $0])
    }
    for program in programs {
      let result = program.end()
      #expect(result.status == 0, "\(result.error)")
      #expect(!Host.instances.contains { $0.hasPrefix("polltrace-\(program.id)-") })
    }
    for name in names { #expect(try events(of: name).count > 1_000) }
    let seen = try String(contentsOfFile: foreign + "/trace", encoding: .utf8)
    #expect(seen.contains("kvm_vcpu_wakeup:"))
    #expect(FileManager.default.fileExists(atPath: foreign))
    _ = load.end()
  }

  /// Of PIDs that nobody has: whether a recorder lives, a process id does not say, for it may be one
  /// of another PID namespace.
  @Test func `keeps its instance as long as it holds it, whatever its process id`() throws {
    let (held, stale) = ("polltrace-2147483647-1", "polltrace-2147483647-2")
    let path = "\(Host.tracing)/instances/\(stale)"
    let instance = try TraceInstance(named: held)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(StaleInstances.names == [stale])
    let check = try Program.run("polltrace", ["check"]).output
    #expect(check.contains("\(stale): left by recorders that were killed"))
    let removed = try Program.run(
      "unshare",
      ["--mount", "--pid", "--fork", "--mount-proc", Program.path("polltrace"), "record"]
        + ["--duration", "100ms", "-o", scratch("t.dat")])
    #expect(removed.status == 0, "\(removed.error)")
    #expect(removed.error.contains("left there: \(stale)\n"))
    #expect(Host.instances.contains(held))
    #expect(!Host.instances.contains(stale))
    #expect(throws: CaptureError.self) { _ = try TraceInstance(named: held) }
    _ = consume instance
    #expect(!Host.instances.contains(held))
  }

  @Test func `is not taken for dead by a recorder in a container`() throws {
    let load = try Program("haltload", load("60s"))
    let program = try Program("polltrace", ["record", "--duration", "1h", "-o", scratch("t.dat")])
    try program.waitUntilRecording()
    let other = try Program.run(
      "unshare",
      ["--mount", "--pid", "--fork", "--mount-proc", Program.path("polltrace"), "record"]
        + ["--duration", "200ms", "-o", scratch("other.dat")])
    #expect(other.status == 0, "\(other.error)")
    #expect(!other.error.contains("-\(program.id)-"))
    let own = try #require(Host.instances.first { $0.hasPrefix("polltrace-\(program.id)-") })
    let isOn = try String(
      contentsOfFile: "\(Host.tracing)/instances/\(own)/tracing_on", encoding: .utf8)
    #expect(isOn == "1\n")
    program.signal(SIGINT)
    #expect(program.end().status == 0)
    load.signal(SIGTERM)
    _ = load.end()
  }

  @Test func `ends with its command where the ends of children are ignored`() throws {
    let trace = scratch("t.dat")
    let result = try Program.run(
      "env",
      ["--ignore-signal=SIGCHLD", Program.path("polltrace"), "record", "--duration", "30s"]
        + ["-o", trace, "--", "sh", "-c", "exit 3"])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("command ended with exit status 3"))
  }

  @Test func `on a full disk is a valid trace of what came before`() throws {
    let disk = scratch("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    let mounted = try Program.run("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk])
    try #require(mounted.status == 0, "\(mounted.error)")
    defer { _ = try? Program.run("umount", [disk]) }
    let trace = disk + "/t.dat"
    let result = try Program.run(
      "polltrace",
      ["record", "-o", trace, "--", Program.path("haltload")] + load("20s", mean: "40us"))
    #expect(result.status == 1)
    #expect(result.error.contains("No space left on device"))
    #expect(try events(of: trace).count > 1_000)
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == ["t.dat"])
  }

  @Test func `with too small a buffer says so with exit code 2, and so do its readers`() throws {
    let trace = scratch("t.dat")
    let program = try Program(
      "polltrace",
      ["record", "--buffer-size", "8K", "-o", trace, "--", Program.path("haltload")]
        + load("1s", mean: "20us"))
    try program.waitUntilRecording()
    // While the recorder stands still, each CPU's buffer takes 8 KiB: some 200 halts of thousands.
    program.signal(SIGSTOP)
    Thread.sleep(forTimeInterval: 0.5)
    program.signal(SIGCONT)
    let result = program.end()
    #expect(result.status == 2, "\(result.error)")
    let lost = try #require(count("lost", in: result.error))
    #expect(lost > 1_000)
    #expect(result.error.contains("--buffer-size"))
    let overruns = try Program.run("trace-cmd", ["report", "--stat", trace]).output
      .matches(of: /(?m)^overrun: (\d+)$/).compactMap { Int($0.1) }
    #expect(overruns.reduce(0, +) == lost)
    let report = try Program.run("polltrace", ["report", "--no-recommendation", trace])
    #expect(report.status == 2)
    #expect(report.error.contains("The kernel dropped events before they were read."))
  }

  @Test func `is possible where the check says so, and the check names the VM`() throws {
    let load = try Program("haltload", load("2s"))
    Thread.sleep(forTimeInterval: 0.5)
    let result = try Program.run("polltrace", ["check"])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("process \(load.id), 2 threads:"))
    #expect(!result.output.contains("MISS"))
    _ = load.end()
  }

  @Test(
    arguments: [
      (["--clock", "sundial"], "has no clock sundial", 1),
      (["--vm", "no-such-vm"], "no such VM runs here", 1),
      (["-o", "/"], "is not a file", 1),
      (["--", "/no/such/command"], "cannot be run", 1),
      (["--duration", "soon"], "not a length of time", 64),
      (["--buffer-size", "big"], "not a size", 64),
      (["--compress", "lzma"], "lzma", 64),
    ] as [([String], String, Int32)])
  func `that cannot be made says why and leaves nothing`(
    options: [String], reason: String, status: Int32
  ) throws {
    let output = options.contains("-o") ? [] : ["-o", scratch("t.dat")]
    let result = try Program.run("polltrace", ["record"] + output + options)
    #expect(result.status == status)
    #expect(result.error.contains(reason), "\(result.error)")
    #expect(scratch.names.isEmpty)
  }

  @Test(arguments: [1, 40, 300, 5_000])
  func `has filters that the kernel takes, however many the threads`(count: Int32) throws {
    let name = "test-\(UUID().uuidString)"
    do {
      let instance = try TraceInstance(named: name)
      // Ids far apart from each other, as on a host where much else goes on.
      let threads = (0..<count).map { ThreadID(1_000 + $0 * 797) }
      for event in EventName.sched {
        let filter = EventSelection.filter(
          Set(threads), event, isByName: true,
          idle: event == .switching ? "((prev_pid==0||next_pid==0)&&CPU&CPUS{0-1})" : "")
        #expect(filter.contains("next_pid==0") == (event == .switching))
        #expect(filter.utf8.count <= ThreadFilter.limit)
        try instance.write(filter, to: "\(event.directory)/filter")
        let kept = instance.text(of: "\(event.directory)/filter")
        #expect(kept?.split(separator: "\n").joined() == filter)
      }
    }
    #expect(!Host.instances.contains(name))
  }
}
