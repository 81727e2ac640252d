import Testing

@testable import PollTrace

@Suite struct `Recorded facts` {
  @Test func `come back from their text as they were`() {
    var facts = RecordedFacts()
    facts.recorder = "polltrace 0.1.0"
    facts.host = "host with space=100%"
    facts.kernel = "6.18.44"
    facts.clock = "mono"
    facts.began = Timestamp(5)
    facts.hasSchedulerEvents = true
    facts.parameters = [
      .init(
        since: Timestamp(7),
        parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2))
    ]
    facts.vcpus = [
      .init(thread: ThreadID(12), process: ProcessID(10), vm: "<web\n1>", vcpu: 0),
      .init(thread: ThreadID(13), process: ProcessID(10), vm: "", vcpu: nil),
    ]
    facts.losses = [.init(cpu: CPU(3), events: 9)]
    facts.isCutOff = true
    var ledger = Ledger()
    let back = RecordedFacts(text: facts.text, ledger: &ledger)
    #expect(back == facts)
    #expect(ledger == Ledger())
  }

  @Test func `skip unknown words and count lines that cannot be read`() {
    var ledger = Ledger()
    let facts = RecordedFacts(
      text: "polltrace.facts/1\nfuture a=1\nvcpu tid=x pid=2\nlost cpu=0 events=3\n",
      ledger: &ledger)
    #expect(facts?.losses == [.init(cpu: CPU(0), events: 3)])
    #expect(facts?.isCutOff == false)
    #expect(ledger.count(of: .unreadableFacts) == 1)
  }

  @Test func `are not found in other text`() {
    var ledger = Ledger()
    #expect(RecordedFacts(text: "trace-cmd 3.1.6", ledger: &ledger) == nil)
  }
}
