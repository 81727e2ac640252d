import Foundation
import Testing

@Suite(.serialized, .enabled(if: Host.canRecord, "needs root, tracefs and /dev/kvm"))
struct `The self-test` {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func `finds that this kernel behaves as modelled`() throws {
    let before = Host.instances
    // Times in polls are late where other work has the CPUs: they have to be right in one of a few.
    var test = try Program.run("polltrace", ["check", "--self-test"])
    for _ in 1..<3 where test.output.contains("times in polls differ") {
      #expect(test.status == 2)
      test = try Program.run("polltrace", ["check", "--self-test"])
    }
    #expect(test.status == 0, "\(test.output)\(test.error)")
    #expect(test.output.hasPrefix("This host's kernel behaves as modelled ("))
    #expect(test.output.contains("two lengths, limit 50"))
    // Other tests have instances too, which come and go; one that was left stays.
    var left = Host.instances.subtracting(before)
    for _ in 0..<30 where !left.isEmpty {
      sleep(1)
      left.formIntersection(Host.instances)
    }
    #expect(left.isEmpty)
  }

  @Test func `names a count that is not KVM's`() throws {
    try place(
      "haltload",
      """
      #!/bin/sh
      '\(Program.path("haltload"))' "$@" || exit
      for file; do :; done
      sed -i 's/"halt_attempted_poll" : /&1/' "$file"
      """)
    let test = try run("exec '\(try polltrace())' check --self-test")
    #expect(test.status == 2, "\(test.error)")
    #expect(test.output.hasPrefix("This host's kernel does not behave as modelled ("))
    #expect(test.output.contains("vCPU 1, halt_attempted_poll: "))
    #expect(test.output.contains("load: haltload --vcpus 2 --distribution exponential"))
    #expect(!test.output.contains("halt_successful_poll: "))
  }

  @Test func `says that its load failed`() throws {
    try place("haltload", "#!/bin/sh\nexit 3\n")
    let test = try run("exec '\(try polltrace())' check --self-test")
    #expect(test.status == 1)
    #expect(test.error.contains("haltload ended with exit status 3"))
    #expect(test.output.isEmpty)
  }

  @Test func `says that its load is not there`() throws {
    let test = try run("PATH=/none exec '\(try polltrace())' check --self-test")
    #expect(test.status == 1)
    #expect(test.error.contains("neither beside polltrace nor in PATH"))
  }

  /// In a mount namespace of its own.
  @Test func `says that dev-kvm is not there`() throws {
    let test = try run(
      "exec unshare -m sh -c 'mount -t tmpfs none /dev && exec \(Program.path("polltrace")) check"
        + " --self-test'")
    #expect(test.status == 1)
    #expect(test.error.contains("/dev/kvm is not there"))
    #expect(test.error.contains("Load KVM's module"))
  }

  @Test func `leaves nothing behind in its folder`() throws {
    let test = try run(
      "TMPDIR='\(scratch.path)' exec '\(Program.path("polltrace"))' check --self-test")
    #expect(test.status != 1, "\(test.output)\(test.error)")
    #expect(scratch.names.isEmpty)
  }

  /// A polltrace beside which nothing lies but what the test puts there.
  private func polltrace() throws -> String {
    let path = scratch("polltrace")
    try FileManager.default.copyItem(atPath: Program.path("polltrace"), toPath: path)
    return path
  }

  private func place(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(filePath: scratch(name)))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch(name))
  }

  private func run(_ command: String) throws -> Program.Result {
    try Program.run("sh", ["-c", command])
  }
}
