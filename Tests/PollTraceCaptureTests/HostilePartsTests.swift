import CLinux
import Foundation
import PollTrace
import Testing

@testable import PollTraceCapture

/// Root records into directories where anybody may put anything.
@Suite struct `Where others may write, a recording` {
  let scratch: Scratch
  let output: OSString

  init() throws {
    scratch = try Scratch()
    output = OSString(scratch("t.dat"))
    try "precious".write(toFile: scratch("victim"), atomically: false, encoding: .utf8)
  }

  private var victim: String {
    get throws { try String(contentsOfFile: scratch("victim"), encoding: .utf8) }
  }

  /// A cut-off recording whose trace would be CPU 0's part, without that part.
  private func plant() throws {
    let parts = try RecordingParts.create(for: output)
    for name: OSString in ["header_page", "header_event", "trace_clock"] {
      try parts.save(name, name.text)
    }
    try parts.save("format.kvm.kvm_vcpu_wakeup", "name: kvm_vcpu_wakeup")
    try parts.save(RecordedFacts())
    try parts.keepRoom()
    try parts.save("base", "0 4096\n")
  }

  private enum Bait: String, CaseIterable, CustomTestStringConvertible {
    case symbolicLink, hardLink, pipe
    var testDescription: String { rawValue }

    func put(_ path: String, to victim: String) {
      switch self {
      case .symbolicLink: _ = unsafe symlink(victim, path)
      case .hardLink: _ = unsafe link(victim, path)
      case .pipe: _ = unsafe mkfifo(path, 0o600)
      }
    }
  }

  @Test(arguments: Bait.allCases)
  private func `is not recovered through a planted part`(bait: Bait) throws {
    try plant()
    bait.put(scratch("t.dat.parts/cpu0"), to: scratch("victim"))
    #expect(throws: CaptureError.self) { try Recorder.recover(output: output) }
    #expect(try victim == "precious")
    #expect(!scratch.names.contains("t.dat"))
  }

  @Test(arguments: ["facts", "facts.new", "base", "lock", "trace.dat"])
  func `is not recovered through a planted link of another name`(name: String) throws {
    try plant()
    let path = scratch("t.dat.parts/\(name)")
    try? FileManager.default.removeItem(atPath: path)
    unsafe symlink(scratch("victim"), path)
    _ = try? Recorder.recover(output: output)
    #expect(try victim == "precious")
  }

  @Test func `is not recovered from a directory behind a link`() throws {
    try plant()
    try FileManager.default.moveItem(
      atPath: scratch("t.dat.parts"), toPath: scratch("elsewhere"))
    unsafe symlink("elsewhere", scratch("t.dat.parts"))
    let error = #expect(throws: CaptureError.self) { try Recorder.recover(output: output) }
    #expect(error?.explanation.terminal.contains("symbolic link") == true)
  }

  @Test func `is not recovered from a directory that others may write to`() throws {
    try plant()
    unsafe chmod(scratch("t.dat.parts"), 0o777)
    let error = #expect(throws: CaptureError.self) { try Recorder.recover(output: output) }
    #expect(error?.explanation.terminal.contains("others than its owner") == true)
  }

  @Test(.enabled(if: getuid() == 0, "needs root"))
  func `is not recovered from a directory of another user`() throws {
    try plant()
    unsafe chown(scratch("t.dat.parts"), 4_711, 4_711)
    let error = #expect(throws: CaptureError.self) { try Recorder.recover(output: output) }
    #expect(error?.explanation.terminal.contains("belongs to user 4711") == true)
  }

  @Test func `leaves what is in its way as it is`() throws {
    let folder = scratch("t.dat.parts")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try "theirs".write(toFile: folder + "/theirs", atomically: false, encoding: .utf8)
    #expect(throws: CaptureError.self) { try RecordingParts.create(for: output) }
    #expect(try String(contentsOfFile: folder + "/theirs", encoding: .utf8) == "theirs")
    try FileManager.default.removeItem(atPath: folder)
    unsafe symlink("elsewhere", folder)
    #expect(throws: CaptureError.self) { try RecordingParts.create(for: output) }
    #expect(scratch.names == ["t.dat.parts", "victim"])
  }

  @Test func `keeps its parts from all other users`() throws {
    let parts = try RecordingParts.create(for: output)
    #expect(try FileStatus(of: parts.path).mode == 0o700)
  }

  @Test func `is neither recovered nor begun anew while it runs`() throws {
    let parts = try RecordingParts.create(for: output)
    let again = #expect(throws: CaptureError.self) { try RecordingParts.create(for: output) }
    #expect(again?.explanation.terminal.contains("is recording there") == true)
    let recovery = #expect(throws: CaptureError.self) { try RecordingParts.cutOff(of: output) }
    #expect(recovery?.explanation.terminal.contains("is recording there") == true)
    parts.remove()
    #expect(throws: Never.self) { try RecordingParts.create(for: output) }
  }

  @Test func `that was cut off says how to recover it, as a shell takes it`() throws {
    let output = OSString(scratch("my traces.dat"))
    do { _ = try RecordingParts.create(for: output) }
    let error = #expect(throws: CaptureError.self) { try RecordingParts.create(for: output) }
    #expect(error?.remedy.contains("--recover -o '\(output.text)'") == true)
    #expect(error?.remedy.contains("rm -r '\(output.text).parts'") == true)
    #expect(throws: Never.self) { try RecordingParts.cutOff(of: output) }
  }
}

@Suite struct `A file that is put in its place` {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func put(_ text: String, at path: String) throws {
    let draft = try Draft(for: Place(OSString(path)))
    try draft.write(Array(text.utf8))
    try draft.put()
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: scratch(name), encoding: .utf8)
  }

  @Test func `keeps the rights of the one that it replaces`() throws {
    try put("old", at: scratch("a"))
    unsafe chmod(scratch("a"), 0o640)
    try put("new", at: scratch("a"))
    #expect(try text("a") == "new")
    #expect(try FileStatus(of: OSString(scratch("a"))).mode == 0o640)
    #expect(scratch.names == ["a"])
  }

  @Test(.enabled(if: getuid() == 0, "needs root"))
  func `keeps the owner of the one that it replaces`() throws {
    try put("old", at: scratch("a"))
    unsafe chown(scratch("a"), 4_711, 4_712)
    try put("new", at: scratch("a"))
    let status = try FileStatus(of: OSString(scratch("a")))
    #expect(status.owner == 4_711)
    #expect(status.group == 4_712)
  }

  @Test func `goes where links of ours lead, and the links stay`() throws {
    try FileManager.default.createDirectory(
      atPath: scratch("b"), withIntermediateDirectories: false)
    try put("old", at: scratch("b/a"))
    unsafe symlink("b/a", scratch("one"))
    unsafe symlink(scratch("one"), scratch("two"))
    try put("new", at: scratch("two"))
    #expect(try text("b/a") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: scratch("one")) == "b/a")
    unsafe symlink("nothing", scratch("three"))
    try put("there", at: scratch("three"))
    #expect(try text("nothing") == "there")
    #expect(scratch.names == ["b", "nothing", "one", "three", "two"])
  }

  @Test(.enabled(if: getuid() == 0, "needs root"))
  func `does not go where another user's link leads`() throws {
    try put("precious", at: scratch("victim"))
    unsafe symlink("victim", scratch("link"))
    unsafe lchown(scratch("link"), 4_711, 4_711)
    let error = #expect(throws: SystemError.self) { try put("new", at: scratch("link")) }
    #expect(error?.text.contains("user 4711") == true)
    #expect(try text("victim") == "precious")
  }

  @Test func `ends at links that go in a circle`() throws {
    unsafe symlink("b", scratch("a"))
    unsafe symlink("a", scratch("b"))
    #expect(throws: SystemError.self) { try put("new", at: scratch("a")) }
  }

  @Test func `leaves nothing where it is given up`() throws {
    try put("old", at: scratch("a"))
    do {
      let draft = try Draft(for: Place(OSString(scratch("a"))))
      try draft.write([1, 2, 3])
    }
    #expect(scratch.names == ["a"])
    #expect(try text("a") == "old")
  }

  /// Whether files without a name can be made there, as the file systems of nearly all hosts can.
  private var hasNamelessFiles: Bool {
    let folder = unsafe open(scratch(""), O_RDONLY | O_DIRECTORY)
    defer { close(folder) }
    let file = linux_make_nameless_draft(folder, 0o600)
    defer { if file >= 0 { close(file) } }
    return file >= 0
  }

  @Test func `has no name before, so that a kill leaves nothing`() throws {
    let draft = try Draft(for: Place(OSString(scratch("a"))))
    try draft.write([1, 2, 3])
    #expect(scratch.names.isEmpty == hasNamelessFiles)
    try draft.put()
    #expect(scratch.names == ["a"])
  }

  @Test func `keeps the attributes of the one that it replaces`() throws {
    try put("old", at: scratch("a"))
    let path = OSString(scratch("a"))
    #expect(unsafe setxattr(path.c, "user.note", "kept", 4, 0) == 0)
    // An access control list: the owner rw-, user 4711 r--, the group ---, the mask r--, others ---
    // (linux include/uapi/linux/posix_acl_xattr.h).
    let list: [UInt8] =
      [2, 0, 0, 0] + [1, 0, 6, 0, 255, 255, 255, 255] + [2, 0, 4, 0, 0x67, 0x12, 0, 0]
      + [4, 0, 0, 0, 255, 255, 255, 255] + [16, 0, 4, 0, 255, 255, 255, 255]
      + [32, 0, 0, 0, 255, 255, 255, 255]
    #expect(unsafe setxattr(path.c, "system.posix_acl_access", list, list.count, 0) == 0)
    try put("new", at: scratch("a"))
    var value = [UInt8](repeating: 0, count: 64)
    #expect(unsafe getxattr(path.c, "user.note", &value, value.count) == 4)
    #expect(value.prefix(4).elementsEqual("kept".utf8))
    let count = unsafe getxattr(path.c, "system.posix_acl_access", &value, value.count)
    #expect(value.prefix(max(0, count)).elementsEqual(list))
    #expect(try FileStatus(of: path).mode == 0o640)
  }

  @Test func `may have a name that is not UTF-8`() throws {
    let path = OSString(bytes: Array(scratch("a").utf8) + [0xe9])
    let draft = try Draft(for: Place(path))
    try draft.write([1, 2, 3])
    try draft.put()
    #expect(try FileStatus(of: path).size == 3)
  }
}

@_silgen_name("setxattr")
private func setxattr(
  _ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, _ value: UnsafeRawPointer,
  _ size: Int, _ flags: Int32
) -> Int32

@_silgen_name("getxattr")
private func getxattr(
  _ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, _ value: UnsafeMutableRawPointer,
  _ size: Int
) -> Int
