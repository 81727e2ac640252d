import PollTrace
import PollTraceReplay
import Testing

@testable import PollTraceReport

@Suite struct `What makes a prediction surer` {
  @Test func `is what the trace lacks, not what it has`() {
    #expect(ContentionGap.notRecorded.remedy == "Record with --sched full.")
    // These were recorded with it.
    for gap in [ContentionGap.tooMany(fit: 12_000_000_000), .neverIdle, .damagedTimes] {
      #expect(!(gap.why + gap.remedy).contains("--sched"))
    }
    #expect(
      ContentionGap.tooMany(fit: 12_000_000_000).remedy
        == "Take a part of the trace with --from and --to, of 12.0 s at most.")
  }

  @Test func `is not asked where the answer says what is missing`() {
    let setting = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
    let module = KVMModule(release: nil, arch: nil)
    let short = Advice(
      .invented(
        from: setting, to: setting, verdict: .none([.duration(1, least: 2)]), module: module))
    #expect(short.nextStep == nil)
  }

  @Test func `is said of ranges without an upper end`() {
    #expect(Numbers.range(300...Double.infinity, Numbers.time) == "300 ns or more")
    #expect(Numbers.range(300...600, Numbers.time) == "300 ns – 600 ns")
    #expect(Numbers.time(Double.infinity) == Numbers.unknown)
  }
}
