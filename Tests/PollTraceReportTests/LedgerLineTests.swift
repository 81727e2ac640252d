import PollTrace
import Testing

@testable import PollTraceReport

@Suite struct `A line of the ledger` {
  @Test func `names the place where there is one, and nothing where there is none`() {
    var ledger = Ledger()
    ledger.note(.damaged, 2, "byte 7: expected 1, found 2")
    ledger.note(.noSchedulerEvents)
    let lines = LedgerLine.all(of: ledger)
    #expect(
      lines.map(\.sentence) == [
        "2 × \(Ledger.Kind.damaged.explanation) (byte 7: expected 1, found 2)",
        "1 × \(Ledger.Kind.noSchedulerEvents.explanation)",
      ])
    #expect(lines.allSatisfy { $0.further.isEmpty })
  }

  @Test func `shows a name from a trace without its control characters`() {
    var ledger = Ledger()
    ledger.note(.ceilingDiffers, 1, "web\u{1b}[31m: 50000 ns")
    ledger.note(.vmUnknown, 1, "thread\u{7}")
    ledger.note(.vmUnknown, 2, "thread 2")
    let lines = LedgerLine.all(of: ledger)
    #expect(lines[0].sentence.hasSuffix("(web\u{fffd}[31m: 50000 ns)"))
    #expect(lines[1].further == ["thread\u{fffd}", "2 × thread 2"])
  }

  @Test func `puts a kind's places together, with the first three by name`() {
    var ledger = Ledger()
    for thread in 1...200 { ledger.note(.vmUnknown, thread == 2 ? 5 : 1, "thread \(thread)") }
    ledger.note(.damaged, 1, "byte 7")
    let lines = LedgerLine.all(of: ledger)
    #expect(lines.map(\.kind) == [.vmUnknown, .damaged])
    #expect(lines[0].sentence == "204 × \(Ledger.Kind.vmUnknown.explanation)")
    #expect(
      lines[0].further
        == ["thread 1", "5 × thread 2", "thread 3", "and others (JSON names them)"])
  }
}
