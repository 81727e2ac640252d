import CReplay
import Testing

@testable import PollTrace
@testable import PollTraceReplay

private let sender = ThreadID(50)

private func interrupt(_ time: UInt64, _ thread: ThreadID = sender, cpu: UInt32 = 1)
  -> AcceptedInterrupt
{
  AcceptedInterrupt(time: Timestamp(time), sender: thread, cpu: CPU(cpu))
}

/// 100 halts, one each ms, of 400 us: every other one slept and was seen 20 us after its waking, 500 ns behind
/// its interrupt; the others polled, and were seen 300 ns behind theirs.
private let halts: Observation = {
  var log = HaltLog()
  for number in 1...100 as ClosedRange<UInt64> {
    let slept = number.isMultiple(of: 2)
    log.entries.append(
      HaltLog.Entry(
        Halt(
          woke: Timestamp(number * 1_000_000), block: 400_000, ending: slept ? .slept : .polled,
          wakeLatency: slept ? 20_000 : nil), window: 0))
  }
  return Observation(log)
}()

/// The interrupts that end them.
private let own: [AcceptedInterrupt] = (1...100).map { number in
  let woke = UInt64(number) * 1_000_000
  return interrupt(number.isMultiple(of: 2) ? woke - 20_500 : woke - 300)
}

@Suite struct `Interrupts that a vCPU accepted` {
  @Test func `show the events that came while it woke or ran`() throws {
    let alone = try #require(AcceptedEvents(halts, own))
    #expect(alone.hidden.isEmpty)
    #expect(alone.sendings == Array(repeating: .alone, count: 100))
    // While halt 2 woke, and while the guest ran behind halt 3; ahead of the first halt and behind the
    // last one none counts.
    let others = [100, 1_990_000, 3_200_000, 100_000_001].map { interrupt($0) }
    let events = try #require(
      AcceptedEvents(halts, (own + others).sorted { $0.time < $1.time }))
    #expect(events.hidden.map(\.time) == [1_990_000, 3_200_000])
    #expect(events.hidden.map(\.halt) == [1, 2])
    // Too few came right behind another one.
    #expect(events.hidden.map(\.sending) == [.alone, .alone])
    #expect(events.sendings == alone.sendings)
  }

  @Test func `are of other vCPUs where they do not come just before its wake-ups`() throws {
    // A vCPU of another VM with the same number.
    let strangers = (1...300).map { interrupt(UInt64($0) * 317_000, ThreadID(60)) }
    let all = (own + strangers).sorted { $0.time < $1.time }
    #expect(try #require(AcceptedEvents(halts, all)).hidden.isEmpty)
    #expect(AcceptedEvents(halts, strangers) == nil)
  }

  @Test func `tell nothing where they end fewer than nine halts in ten`() {
    #expect(AcceptedEvents(halts, Array(own.prefix(90))) != nil)
    #expect(AcceptedEvents(halts, Array(own.prefix(89))) == nil)
    #expect(AcceptedEvents(halts, []) == nil)
  }

  @Test func `show what it costs their sender to wake the vCPU`() throws {
    // A second one follows each: 2 us behind one that met a poll, 11 us behind one that had to wake it.
    func pairs(_ pause: UInt64, cpu: UInt32 = 1) -> [AcceptedInterrupt] {
      own.enumerated().flatMap { index, first in
        let wakes = (index + 1).isMultiple(of: 2)
        return [
          first, interrupt(first.time.rawValue + (wakes ? 9_000 : 0) + pause, cpu: cpu),
        ]
      }
    }
    let events = try #require(AcceptedEvents(halts, pairs(2_000)))
    #expect(events.wakingCost == 9_000)
    // Behind the last halt none counts.
    #expect(events.hidden.count == 99)
    #expect(
      events.hidden.map(\.sending)
        == (1...99).map { $0.isMultiple(of: 2) ? .behindAsleep : .behindAwake })
    // Of a sender that slept meanwhile, or is on another CPU, nothing is known.
    #expect(try #require(AcceptedEvents(halts, pairs(40_000))).wakingCost == 0)
    let elsewhere = try #require(AcceptedEvents(halts, pairs(2_000, cpu: 2)))
    #expect(elsewhere.wakingCost == 0 && elsewhere.hidden.allSatisfy { $0.sending == .alone })
  }

  @Test func `take the place of events that would be drawn`() throws {
    let settings = PollSettings(
      rules: .newest,
      parameters: PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2))
    let vcpu = VCPUIdentity(
      process: nil, vm: nil, vcpu: 3, thread: ThreadID(1), source: .unknown)
    func replay(_ number: UInt32) throws -> VCPUReplay {
      let all = (own + [interrupt(1_990_000), interrupt(3_200_000)]).sorted { $0.time < $1.time }
      return try #require(
        VCPUReplay(
          halts, settings: settings,
          blocks: TimeBlocks(
            RecordingSpan(begin: Timestamp(0), end: Timestamp(101_000_000))), salt: 1,
          vcpu: vcpu,
          others: OtherTasks([:], [:], interrupts: [number: all])))
    }
    let known = try replay(3)
    let hidden = known.schedule(.choosing).arrivals.filter { !$0.isSeen }
    #expect(hidden.map(\.time) == [1_990_000, 3_200_000])
    #expect(!known.bounds.contains(.denser) && !known.bounds.contains(.split))
    // Those of vCPU 4 say nothing of vCPU 3.
    #expect(try replay(4).bounds.contains(.denser))
  }
}
