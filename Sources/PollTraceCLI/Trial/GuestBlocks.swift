import PollTrace
import PollTraceCapture
import PollTraceStatistics
import PollTraceTrial

/// A guest's blocks: what its kernel counts of idle CPUs.
final class GuestBlocks: BlockSource {
  private let idle = CPUIdle()
  private var load = LoadWatch()
  private var begun = Timestamp(0)
  private var before: [CPU: CPUIdleCounts] = [:]

  /// - Throws: where the guest's CPUs do not idle by haltpoll, so that nothing obeys its parameters.
  init() throws {
    guard idle.driver == "haltpoll", idle.governor == "haltpoll" else {
      throw Refusal(
        description:
          "this guest idles with the driver '\(Untrusted(idle.driver).terminal)' and the governor "
          + "'\(Untrusted(idle.governor).terminal)', not with haltpoll: nothing would obey the setting\n  "
          + "See polltrace check.")
    }
  }

  func begin(_ pages: RecordedPages) {}
  func keepUp(_ state: RecordingState) {}

  func settle(_ state: RecordingState) {
    (begun, before) = (Machine.now, counts)
    load.begin()
  }

  func measure(_ state: RecordingState) -> (measure: BlockMeasure, counted: BlockMeasure?) {
    var measure = BlockMeasure(from: before, to: counts, length: Machine.now - begun)
    load.put(into: &measure)
    return (measure, nil)
  }

  var remarks: SourceRemarks { SourceRemarks() }
  func letGo() {}

  private var counts: [CPU: CPUIdleCounts] {
    idle.states().mapValues { states in
      let halts = states.dropFirst()
      return CPUIdleCounts(
        polls: states[0].usage, pollTime: states[0].time,
        halts: halts.reduce(0) { $0.plus($1.usage) })
    }
  }
}
