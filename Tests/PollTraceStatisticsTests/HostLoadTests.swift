import Foundation
import PollTrace
import Testing

@testable import PollTraceStatistics

@Suite struct `The load of a host` {
  private let pressure = """
    some avg10=1.00 avg60=2.00 avg300=3.00 total=%
    full avg10=0.00 avg60=0.00 avg300=0.00 total=9

    """

  private func load(_ waited: UInt64, _ stat: String, at seconds: UInt64) -> HostLoad {
    HostLoad(
      pressure: pressure.replacing("%", with: "\(waited)"), stat: stat,
      at: Timestamp(seconds * 1_000_000_000))
  }

  @Test func `is the time in which some task waited, and what a hypervisor gave to others`() {
    let before = load(1_000_000, "cpu  100 0 100 800 0 0 0 0 7 7", at: 10)
    let after = load(1_500_000, "cpu  150 0 150 1600 0 0 0 100 9 9", at: 12)
    #expect(after.pressure(since: before) == 0.25)
    #expect(after.steal(since: before) == 0.1)
  }

  @Test func `is not known where the kernel has no PSI, or counts anew`() {
    let without = HostLoad(pressure: "", stat: "", at: Timestamp(1))
    let now = load(5, "cpu  1 0 1 8 0 0 0 0", at: 2)
    #expect(now.pressure(since: without) == nil)
    #expect(without.pressure(since: now) == nil)
    #expect(without.steal(since: now) == nil)
    #expect(load(4, "cpu  1 0 1 9 0 0 0 0", at: 3).pressure(since: now) == nil)
  }

  @Test func `says what a CPU's idle states counted`() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    let cpus = root.appending(path: "sys/devices/system/cpu")
    func write(_ path: String, _ text: String) throws {
      let file = cpus.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    try write("cpuidle/current_driver", "haltpoll\n")
    for (state, usage) in [(0, 5), (1, 7)] {
      try write("cpu3/cpuidle/state\(state)/usage", "\(usage)\n")
      try write("cpu3/cpuidle/state\(state)/time", "\(usage * 100)\n")
    }
    try write("cpu10/online", "1\n")
    let idle = CPUIdle(root: root.path)
    #expect(idle.driver == "haltpoll")
    #expect(idle.governor.isEmpty)
    let states = idle.states()
    #expect(states.keys.sorted() == [CPU(3)])
    #expect(states[CPU(3)]?.map(\.usage) == [5, 7])
    #expect(states[CPU(3)]?.map(\.time) == [500, 700])
  }
}
