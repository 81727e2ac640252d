import Foundation
import PollTrace
import PollTraceReplay
import PollTraceReport
import Testing

private let now = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 0)
private let then = PollParameters(ceiling: 50_000, grow: 2, growStart: 5_000, shrink: 2)

/// A host with all parameters, as its kernel has kvm.
private func host(_ linkage: KVMModule.Linkage?, tunedProfile: Untrusted? = nil) -> KVMModule {
  KVMModule(
    linkage: linkage, access: Array(repeating: .writable, count: 4), tunedProfile: tunedProfile)
}

private func advice(_ module: KVMModule, hostSettings: Int = 1) -> Advice {
  Advice(.invented(from: now, to: then, module: module, hostSettings: hostSettings))
}

private let parameters = "/sys/module/kvm/parameters"

@Suite struct `The lines that apply a recommendation` {
  @Test func `set what a module has, now and at each load`() {
    let advice = advice(host(.module))
    #expect(
      advice.apply == [
        "echo 50000 > /sys/module/kvm/parameters/halt_poll_ns",
        "echo 2 > /sys/module/kvm/parameters/halt_poll_ns_grow",
        "echo 5000 > /sys/module/kvm/parameters/halt_poll_ns_grow_start",
        "echo 2 > /sys/module/kvm/parameters/halt_poll_ns_shrink",
        "echo 'options kvm halt_poll_ns=50000 halt_poll_ns_grow=2 halt_poll_ns_grow_start=5000"
          + " halt_poll_ns_shrink=2' > /etc/modprobe.d/polltrace.conf",
      ])
    #expect(
      advice.undo == [
        "echo 200000 > /sys/module/kvm/parameters/halt_poll_ns",
        "echo 2 > /sys/module/kvm/parameters/halt_poll_ns_grow",
        "echo 10000 > /sys/module/kvm/parameters/halt_poll_ns_grow_start",
        "echo 0 > /sys/module/kvm/parameters/halt_poll_ns_shrink",
        "rm -f /etc/modprobe.d/polltrace.conf",
      ])
  }

  @Test func `name the kernel's command line where kvm is built in`() {
    let advice = advice(host(.builtIn))
    #expect(
      advice.apply.last
        == "# kvm is built into the kernel: for each boot add to its command line: "
        + "kvm.halt_poll_ns=50000 kvm.halt_poll_ns_grow=2 kvm.halt_poll_ns_grow_start=5000 "
        + "kvm.halt_poll_ns_shrink=2")
    #expect(
      advice.undo.last
        == "# kvm is built into the kernel: remove from its command line what was added: "
        + "kvm.halt_poll_ns, kvm.halt_poll_ns_grow, kvm.halt_poll_ns_grow_start, "
        + "kvm.halt_poll_ns_shrink")
    #expect(!(advice.apply + advice.undo).contains { $0.contains("modprobe") })
  }

  @Test func `leave out what the kernel does not have, and say what it does not let be written`() {
    let old = KVMModule(linkage: .module, access: [.writable, .readOnly, .absent, .readOnly])
    let advice = advice(old)
    let fixed = "cannot be written on this kernel: only the setting at boot changes it"
    #expect(
      advice.apply == [
        "echo 50000 > /sys/module/kvm/parameters/halt_poll_ns",
        "# halt_poll_ns_shrink \(fixed)",
        "echo 'options kvm halt_poll_ns=50000 halt_poll_ns_grow=2 halt_poll_ns_shrink=2'"
          + " > /etc/modprobe.d/polltrace.conf",
      ])
    #expect(
      advice.undo == [
        "echo 200000 > /sys/module/kvm/parameters/halt_poll_ns",
        "# halt_poll_ns_shrink \(fixed)", "rm -f /etc/modprobe.d/polltrace.conf",
      ])
  }

  @Test func `leave the values of hosts that differ to whoever noted them`() {
    let undo = advice(host(.module), hostSettings: 2).undo
    #expect(
      undo == [
        "# write the values noted before on this host to "
          + "/sys/module/kvm/parameters/halt_poll_ns*",
        "rm -f /etc/modprobe.d/polltrace.conf",
      ])
  }

  @Test func `are none where nothing is to be changed`() {
    let kept = Advice(
      .invented(from: now, to: now, verdict: .keep(.isBest), module: host(.module)))
    #expect(kept.apply.isEmpty && kept.undo.isEmpty)
  }

  @Test func `come with a warning where tuned owns the files`() {
    let advice = advice(host(.module, tunedProfile: "/etc/tuned/my\u{1b}vms/tuned.conf"))
    #expect(
      advice.warnings == [
        "tuned sets these parameters anew at each of its starts: set them in "
          + "/etc/tuned/my\u{fffd}vms/tuned.conf instead."
      ])
    #expect(!(advice.apply + advice.undo).contains { $0.contains("tuned") })
  }
}

/// Folders that stand for /sys and /etc of a host.
private final class StandIn {
  let root = FileManager.default.temporaryDirectory.appending(path: "polltrace-\(UUID())").path

  /// With the files of `names`, a folder for each that must not be written, as root may write any file.
  init(isModule: Bool, _ names: [String], unwritable: [String] = []) throws {
    for folder in ["/etc/modprobe.d", parameters] + unwritable.map({ "\(parameters)/\($0)" }) {
      try FileManager.default.createDirectory(
        atPath: root + folder, withIntermediateDirectories: true)
    }
    for name in names { try write("old\n", to: "\(parameters)/\(name)") }
    if isModule { try write("live\n", to: "/sys/module/kvm/initstate") }
  }
  deinit { try? FileManager.default.removeItem(atPath: root) }

  private func write(_ text: String, to path: String) throws {
    try text.write(toFile: root + path, atomically: false, encoding: .utf8)
  }

  func text(_ path: String) -> String? { try? String(contentsOfFile: root + path, encoding: .utf8) }
  var values: [String?] { PollParameters.names.map { text("\(parameters)/\($0)") } }
  var options: String? { text("/etc/modprobe.d/polltrace.conf") }

  /// Pastes `lines` into a shell; gives back what it says and whether the last line did its work.
  func paste(_ lines: [String]) throws -> (status: Int32, talk: String) {
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    let script = lines.joined(separator: "\n").replacing("/sys/", with: "\(root)/sys/")
      .replacing("/etc/", with: "\(root)/etc/")
    shell.arguments = ["-c", script]
    let talk = Pipe()
    (shell.standardOutput, shell.standardError) = (talk, talk)
    try shell.run()
    let said = String(decoding: talk.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    shell.waitUntilExit()
    return (shell.terminationStatus, said)
  }
}

/// The lines as text and as JSON print them.
private func printed(_ value: Recommendation) throws -> [(apply: [String], undo: [String])] {
  let text = TextRecommendation.text(value, Report([])).split(separator: "\n").map(String.init)
  let apply = try #require(text.firstIndex(of: "To apply, as root"))
  let undo = try #require(text.firstIndex(of: "To undo"))
  let json = try #require(
    try JSONSerialization.jsonObject(with: Data(JSONRecommendation.text(value).utf8))
      as? [String: Any])
  return [
    (Array(text[(apply + 1)..<undo]), Array(text[(undo + 1)...])),
    (try #require(json["apply"] as? [String]), try #require(json["undo"] as? [String])),
  ]
}

@Suite struct `A shell into which the lines are pasted` {
  private let all = PollParameters.names
  private let unknown = KVMModule(release: nil, arch: nil)

  @Test(arguments: [KVMModule.Linkage.module, nil])
  func `sets and restores a module's parameters`(linkage: KVMModule.Linkage?) throws {
    for lines in try printed(.invented(from: now, to: then, module: host(linkage))) {
      let host = try StandIn(isModule: true, all)
      #expect(try host.paste(lines.apply) == (0, ""))
      #expect(host.values == ["50000\n", "2\n", "5000\n", "2\n"])
      #expect(
        host.options
          == "options kvm halt_poll_ns=50000 halt_poll_ns_grow=2 halt_poll_ns_grow_start=5000 "
          + "halt_poll_ns_shrink=2\n")
      #expect(try host.paste(lines.undo) == (0, ""))
      #expect(host.values == ["200000\n", "2\n", "10000\n", "0\n"])
      #expect(host.options == nil)
    }
  }

  @Test func `writes no options for a kvm that is built in, and says what to do`() throws {
    for lines in try printed(.invented(from: now, to: then, module: unknown)) {
      let host = try StandIn(isModule: false, all)
      let said = try host.paste(lines.apply)
      #expect(said.status == 0)
      #expect(said.talk.contains("add to its command line: kvm.halt_poll_ns=50000 kvm.halt_poll"))
      #expect(host.values == ["50000\n", "2\n", "5000\n", "2\n"])
      #expect(host.options == nil)
      #expect(try host.paste(lines.undo).talk.contains("remove from its command line"))
      #expect(host.values == ["200000\n", "2\n", "10000\n", "0\n"])
    }
    for lines in try printed(.invented(from: now, to: then, module: host(.builtIn))) {
      let host = try StandIn(isModule: false, all)
      #expect(try host.paste(lines.apply) == (0, ""))
      #expect(host.values == ["50000\n", "2\n", "5000\n", "2\n"])
      #expect(host.options == nil)
    }
  }

  @Test func `passes over a parameter that an old kernel lacks or does not let be written`() throws
  {
    for lines in try printed(.invented(from: now, to: then, module: unknown)) {
      let host = try StandIn(
        isModule: true, ["halt_poll_ns", "halt_poll_ns_grow"], unwritable: ["halt_poll_ns_shrink"])
      let said = try host.paste(lines.apply)
      #expect(said.status == 0)
      #expect(said.talk.contains("halt_poll_ns_shrink cannot be written on this kernel"))
      #expect(!said.talk.contains("halt_poll_ns_grow"))
      #expect(host.values == ["50000\n", "2\n", nil, nil])
      #expect(host.options?.contains("halt_poll_ns_shrink=2") == true)
    }
  }
}

@Suite struct `What is assumed of a host's kvm` {
  @Test(
    arguments: [
      ("6.12.43-amd64", "x86_64", nil, true), ("6.1.0-18-arm64", "aarch64", .builtIn, true),
      ("5.1.0", "x86_64", nil, true), ("4.18.0-553.el8.x86_64", "x86_64", nil, false),
      ("", "", nil, false),
    ] as [(String, String, KVMModule.Linkage?, Bool)])
  func `follows from the kernel's name`(
    release: String, arch: String, linkage: KVMModule.Linkage?, isRecent: Bool
  ) {
    let module = KVMModule(release: Untrusted(release), arch: Untrusted(arch))
    #expect(module.linkage == linkage)
    #expect(module.access == [.writable] + Array(repeating: isRecent ? .writable : nil, count: 3))
  }

  @Test func `is what hosts have in common`() {
    let both = host(.module).common(
      with: KVMModule(linkage: .builtIn, access: [.writable, .readOnly, .absent, .writable]))
    #expect(both == KVMModule(linkage: nil, access: [.writable, nil, nil, .writable]))
  }
}
