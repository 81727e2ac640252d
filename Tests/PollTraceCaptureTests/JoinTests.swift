import Foundation
import PollTrace
import Testing

@testable import PollTraceCapture

@Suite struct `The parts of a recording` {
  let scratch: Scratch
  let parts: RecordingParts

  init() throws {
    scratch = try Scratch()
    parts = RecordingParts(output: scratch("t.dat"))
    try parts.create()
    for name in ["header_page", "header_event", "trace_clock"] { try parts.save(name, name) }
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

  @Test func `are kept for a second recording that would overwrite them`() throws {
    let error = #expect(throws: CaptureError.self) { try parts.create() }
    #expect(error?.explanation.contains("is recording there") == true)
    try parts.save("recorder", "1 1 another-boot\n")
    let other = #expect(throws: CaptureError.self) { try parts.create() }
    #expect(other?.remedy.contains("--recover") == true)
    #expect(throws: Never.self) { try parts.requireCutOff() }
  }

  @Test func `that were joined in part on a tight disk are joined to the end`() throws {
    let strides = (0..<3).map { [UInt8](repeating: UInt8($0 + 1), count: 256 << 10) }
    try parts.save("cpu0", strides.flatMap(\.self))
    let (head, extents) = try parts.head().layout(of: [3 * 256 << 10])
    // The first stretch has been copied and given back already.
    try parts.save("trace.dat", head + strides[0])
    #expect(extents.first?.offset == head.count)
    do {
      let file = try File(parts.path(cpu: 0), for: .updating)
      file.release(0..<(256 << 10))
    }
    _ = try parts.join()
    #expect(try Array(trace.suffix(3 * 256 << 10)) == strides.flatMap(\.self))
  }

  @Test func `that lack their formats say so`() throws {
    try FileManager.default.removeItem(atPath: parts.path("header_page"))
    let error = #expect(throws: CaptureError.self) { try parts.join() }
    #expect(error?.explanation.contains("header_page") == true)
  }
}
