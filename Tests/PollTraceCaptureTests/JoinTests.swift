import Foundation
import PollTrace
import Testing

@testable import PollTraceCapture

@Suite struct `The parts of a recording` {
  let scratch: Scratch
  let parts: RecordingParts

  init() throws {
    scratch = try Scratch()
    parts = try RecordingParts.create(for: OSString(scratch("t.dat")))
    for name: OSString in ["header_page", "header_event", "trace_clock"] {
      try parts.save(name, name.text)
    }
    try parts.save("format.kvm.kvm_vcpu_wakeup", "name: kvm_vcpu_wakeup")
    try parts.save(RecordedFacts())
  }

  private func page(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 4_096) }

  private var trace: [UInt8] {
    get throws { try Array(Data(contentsOf: URL(fileURLWithPath: scratch("t.dat")))) }
  }

  @Test func `become a trace page by page, without the page that was cut`() throws {
    try parts.save("cpu0", page(1) + page(2) + [3, 3])
    try parts.save("cpu2", page(4))
    let size = try parts.join()
    let trace = try trace
    #expect(trace.count == size)
    #expect(Array(trace.suffix(3 * 4_096)) == page(1) + page(2) + page(4))
    #expect(scratch.names == ["t.dat"])
  }

  @Test func `that were joined in part on a tight disk are joined to the end`() throws {
    let strides = (0..<3).map { [UInt8](repeating: UInt8($0 + 1), count: 256 << 10) }
    try parts.save("cpu0", strides.flatMap(\.self))
    let (head, extents) = try parts.head().layout(of: [3 * 256 << 10])
    // The first stretch has been copied and given back already.
    try parts.save("trace.dat", head + strides[0])
    #expect(extents.first?.offset == head.count)
    do {
      let file = try parts.folder.open("cpu0", for: .updating)
      file.release(0..<(256 << 10))
    }
    _ = try parts.join()
    #expect(try Array(trace.suffix(3 * 256 << 10)) == strides.flatMap(\.self))
  }

  /// Parts with room before their events: those of CPU 1 are the longest, and end within a page.
  private func longParts() throws -> [[UInt8]] {
    try parts.keepRoom()
    let stride = 256 << 10
    let events = [2, 20, 0, 3].enumerated().map { cpu, strides in
      (0..<strides).flatMap { [UInt8](repeating: UInt8(cpu * 40 + $0 + 1), count: stride) }
    }
    for (cpu, events) in events.enumerated() where !events.isEmpty {
      let room = [UInt8](repeating: 0, count: parts.room)
      try parts.save(RecordingParts.name(cpu: cpu), room + events + (cpu == 1 ? [9, 9, 9] : []))
    }
    return events
  }

  /// What the trace is to be, as the parts are gone when it is there.
  private struct Expected {
    var head: [UInt8]
    var extents: [TraceDatHead.Extent]
    var events: [[UInt8]]

    init(_ parts: RecordingParts, _ events: [[UInt8]]) throws {
      let first = TraceDatHead.Extent(offset: 256 << 10, size: events[1].count)
      (head, extents) = try parts.head().layout(of: events.map(\.count), first: (1, first))
      self.events = events
    }
  }

  /// Whether the trace has each CPU's events where its head says.
  private func expectTrace(_ expected: Expected) throws {
    let trace = try trace
    #expect(trace.prefix(expected.head.count) == expected.head[...])
    for (extent, events) in zip(expected.extents, expected.events) {
      #expect(trace.dropFirst(extent.offset).prefix(extent.size) == events[...])
    }
    #expect(trace.count == expected.extents.map { $0.offset + $0.size }.max())
    #expect(expected.extents[1].offset == 256 << 10)
  }

  @Test func `become a trace of the longest of them where there is room for a head`() throws {
    let events = try longParts()
    let expected = try Expected(parts, events)
    let size = try parts.join()
    #expect(try trace.count == size)
    #expect(scratch.names == ["t.dat"])
    try expectTrace(expected)
  }

  @Test(arguments: [false, true])
  func `that were joined onto the longest in part are joined to the end`(isTight: Bool) throws {
    let events = try longParts()
    let expected = try Expected(parts, events)
    // CPU 0's first stretch has been copied behind the longest one's events, and given back.
    let file = try parts.folder.open("cpu1", for: .updating)
    try file.truncate(to: parts.room + events[1].count)
    try parts.save("base", "1 \(events[1].count)\n")
    if isTight {
      file.seek(to: parts.room + events[1].count)
      try file.write(Array(events[0].prefix(256 << 10)))
      let other = try parts.folder.open("cpu0", for: .updating)
      other.release(0..<parts.room + 256 << 10)
    }
    _ = try parts.join()
    try expectTrace(expected)
  }

  @Test func `that were joined and not removed are the trace already`() throws {
    _ = try longParts()
    try parts.save("base", "7 4096\n")
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: scratch("t.dat")))
    #expect(try parts.join() == 3)
    #expect(scratch.names == ["t.dat"])
  }

  @Test(arguments: [false, true])
  func `take the place and the rights of the trace that is there`(isLink: Bool) throws {
    try Data([1]).write(to: URL(fileURLWithPath: scratch("old.dat")))
    unsafe chmod(scratch("old.dat"), 0o600)
    unsafe symlink("old.dat", scratch("link.dat"))
    let parts = try RecordingParts.create(
      for: OSString(scratch(isLink ? "link.dat" : "old.dat")))
    for name: OSString in ["header_page", "header_event", "trace_clock"] {
      try parts.save(name, name.text)
    }
    try parts.save("format.kvm.kvm_vcpu_wakeup", "name: kvm_vcpu_wakeup")
    try parts.save(RecordedFacts())
    try parts.save("cpu0", page(1))
    let size = try parts.join()
    let status = try FileStatus(of: OSString(scratch("old.dat")))
    #expect(status.size == size)
    #expect(status.mode == 0o600)
    #expect(scratch.names == ["link.dat", "old.dat", "t.dat.parts"])
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: scratch("link.dat")) == "old.dat")
  }

  @Test func `that lack their formats say so`() throws {
    try FileManager.default.removeItem(atPath: scratch("t.dat.parts/header_page"))
    let error = #expect(throws: CaptureError.self) { try parts.join() }
    #expect(error?.explanation.terminal.contains("header_page") == true)
  }
}
