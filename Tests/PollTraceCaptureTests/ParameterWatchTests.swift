import Foundation
import PollTrace
import Testing

@testable import PollTraceCapture

@Suite struct `A watch on the module parameters` {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func write(_ name: String, _ value: UInt32) throws {
    try "\(value)\n".write(toFile: scratch(name), atomically: true, encoding: .utf8)
  }

  private func writeAll() throws {
    try write("halt_poll_ns", 200_000)
    try write("halt_poll_ns_grow", 2)
    try write("halt_poll_ns_shrink", 0)
  }

  @Test func `notes what holds first, and a change between the looks before and after it`() throws {
    try writeAll()
    try write("halt_poll_ns_grow_start", 20_000)
    var watch = ParameterWatch(directory: scratch.path)
    let begin = try #require(Machine.now(on: "mono"))
    var changed = [watch.look(clock: "mono"), watch.look(clock: "mono")]
    try write("halt_poll_ns", 50_000)
    changed.append(watch.look(clock: "mono"))
    #expect(changed == [true, false, true])
    #expect(watch.changes.map(\.parameters.ceiling) == [200_000, 50_000])
    #expect(watch.changes.map(\.parameters.growStart) == [20_000, 20_000])
    #expect(watch.changes[0].notBefore == nil)
    let before = try #require(watch.changes[1].notBefore)
    let since = try #require(watch.changes[1].since)
    #expect(begin < before && before < since)
  }

  @Test func `takes 10 µs to grow from where the kernel has no such parameter`() throws {
    try writeAll()
    #expect(ModuleParameters.read(in: scratch.path)?.growStart == 10_000)
  }

  @Test func `knows nothing where kvm is not loaded`() {
    var watch = ParameterWatch(directory: scratch.path)
    _ = watch.look(clock: "mono")
    #expect(watch.changes.isEmpty)
  }

  @Test func `has no times on a clock that user space cannot read`() throws {
    try writeAll()
    var watch = ParameterWatch(directory: scratch.path)
    _ = watch.look(clock: "x86-tsc")
    #expect(watch.changes.map(\.since) == [nil])
  }
}
