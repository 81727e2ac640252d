import Foundation
import PollTrace
import Testing

@testable import PollTraceCapture

@Suite struct `A temporary folder` {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func plant(_ name: String, with files: [String]) throws {
    let folder = scratch(name)
    try FileManager.default.createDirectory(
      atPath: folder + "/inner", withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    for file in files + ["inner/trace.dat"] {
      try Data().write(to: URL(fileURLWithPath: folder + "/" + file))
    }
  }

  @Test func `that a killed process left goes when the next is made`() throws {
    try plant("polltrace-killed", with: [".lock"])
    let folder = try TemporaryFolder(in: OSString(scratch.path))
    #expect(scratch.names.count == 1)
    folder.remove()
    #expect(scratch.names.isEmpty)
  }

  @Test func `stays while somebody uses it`() throws {
    let first = try TemporaryFolder(in: OSString(scratch.path))
    let second = try TemporaryFolder(in: OSString(scratch.path))
    #expect(first.path != second.path)
    #expect(scratch.names.count == 2)
    first.remove()
    second.remove()
  }

  @Test func `takes no folder that only looks like one of its own`() throws {
    // A name that somebody gave by hand; a file; a folder that others may write to; a link.
    try plant("polltrace-backup", with: ["important"])
    try Data().write(to: URL(fileURLWithPath: scratch("polltrace-file")))
    try plant("polltrace-shared", with: [".lock"])
    try plant("elsewhere", with: [".lock"])
    let manager = FileManager.default
    try manager.setAttributes(
      [.posixPermissions: 0o777], ofItemAtPath: scratch("polltrace-shared"))
    try manager.createSymbolicLink(
      atPath: scratch("polltrace-link"), withDestinationPath: scratch("elsewhere"))
    let before = scratch.names
    let folder = try TemporaryFolder(in: OSString(scratch.path))
    folder.remove()
    #expect(scratch.names == before)
    #expect(manager.fileExists(atPath: scratch("elsewhere") + "/inner/trace.dat"))
  }
}
