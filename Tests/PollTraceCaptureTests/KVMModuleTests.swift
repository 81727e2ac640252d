import Foundation
import PollTrace
import Testing

@testable import PollTraceCapture

@Suite struct `What record notes of kvm` {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func write(_ text: String, _ path: String, mode: Int = 0o644) throws {
    let file = scratch(path)
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
  }

  private func parameters(readOnly: [String] = [], without: [String] = []) throws {
    for name in PollParameters.names where !without.contains(name) {
      try write(
        "2\n", "sys/module/kvm/parameters/\(name)", mode: readOnly.contains(name) ? 0o444 : 0o644)
    }
  }

  private var module: KVMModule? {
    KVMModule.host(sys: scratch("sys"), etc: scratch("etc"), lib: scratch("lib"))
  }

  @Test func `is nothing where it is not loaded`() {
    #expect(module == nil)
  }

  @Test func `tells a module from one that is built in`() throws {
    try parameters()
    let access = [KVMModule.Access?](repeating: .writable, count: 4)
    #expect(module == KVMModule(linkage: .builtIn, access: access))
    try write("live\n", "sys/module/kvm/initstate")
    #expect(module == KVMModule(linkage: .module, access: access))
  }

  @Test func `goes by the modes of the files, which bind root as well`() throws {
    try parameters(
      readOnly: ["halt_poll_ns_grow", "halt_poll_ns_shrink"], without: ["halt_poll_ns_grow_start"])
    #expect(module?.access == [.writable, .readOnly, .absent, .readOnly])
  }

  @Test func `names the tuned profile that sets a parameter, included or not`() throws {
    try parameters()
    try write("virtual-host my-vms\n", "etc/tuned/active_profile")
    try write("[main]\nsummary=VMs\n", "lib/tuned/profiles/virtual-host/tuned.conf")
    try write("[main]\ninclude = polls\n", "etc/tuned/my-vms/tuned.conf")
    try write(
      "[sysfs]\n# /sys/module/kvm/parameters/halt_poll_ns=1\n", "lib/tuned/polls/tuned.conf")
    #expect(module?.tunedProfile == nil)
    try write(
      "[sysfs]\n/sys/module/kvm/parameters/halt_poll_ns=0\n", "lib/tuned/polls/tuned.conf")
    #expect(module?.tunedProfile?.unescaped == scratch("lib/tuned/polls/tuned.conf"))
    // A profile of the administrator's goes before one of the same name that came with tuned.
    try write("[main]\n", "etc/tuned/profiles/polls/tuned.conf")
    #expect(module?.tunedProfile == nil)
    // One that includes itself ends.
    try write("[main]\ninclude=polls\n", "etc/tuned/profiles/polls/tuned.conf")
    #expect(module?.tunedProfile == nil)
  }

  @Test(arguments: ["kvm_intel/parameters/enable_apicv", "kvm_amd/parameters/avic"])
  func `tells hardware that posts interrupts`(file: String) throws {
    #expect(!KVMModule.postsInterrupts(sys: scratch("sys")))
    for (text, posts) in [("Y\n", true), ("1\n", true), ("N\n", false), ("0\n", false)] {
      try write(text, "sys/module/\(file)")
      #expect(KVMModule.postsInterrupts(sys: scratch("sys")) == posts)
    }
  }
}
