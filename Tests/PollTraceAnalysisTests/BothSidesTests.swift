import Fixtures
import Foundation
import PollTraceFile
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

@Suite struct `Recordings of a guest and of its host` {
  private static let offset: Int64 = -3_000_000_000
  private static let (uuid, parameters) = (
    "11111111-2222-3333-4444-555555555555",
    "guest_halt_poll_ns=200000 grow=2 grow_start=50000 shrink=2 allow_shrink=Y"
  )

  /// Halts of 300 to 500 µs: the guest's on its own clock, and the host's within them on its.
  private static let both: (guest: [Event], host: [Event]) = {
    var (guest, host): ([Event], [Event]) = ([], [])
    var now: UInt64 = 8_000_000_000
    for number in 0..<400 {
      let length = 300_000 + UInt64(number * 7_919 % 200_000)
      let ends = [
        (now, Event.Kind.idleEntered(state: 1)), (now + length, .idleLeft(hasWork: true)),
      ]
      guest += ends.map { Event(time: Timestamp($0.0), cpu: CPU(0), thread: .idle, kind: $0.1) }
      let woke = now + length - 4_000 - 3_000_000_000
      host.append(
        Event(
          time: Timestamp(woke), cpu: CPU(2), thread: ThreadID(77),
          kind: .wakeup(block: Nanoseconds(length - 8_000), ending: .slept, isValid: true)))
      now += length + 100_000
    }
    return (guest, host)
  }()

  private func traces() throws -> (host: TemporaryTrace, guest: TemporaryTrace) {
    var host = TraceBuilder(Self.both.host)
    host.add(
      option: 9,
      """
      polltrace.facts/1
      host name=h boot=one kernel=6.18.0 arch=x86_64
      recording clock=mono began=5000000000 ended=5200000000 sched=1
      parameters since=1 halt_poll_ns=200000 grow=2 grow_start=10000 shrink=2
      vcpu tid=77 pid=70 vm=web1 id=0 uuid=\(Self.uuid.uppercased())

      """)
    var guest = TraceBuilder(Self.both.guest)
    guest.hasGuestEvents = true
    guest.add(
      option: 9,
      """
      polltrace.facts/1
      host name=anything boot=two kernel=6.18.0 arch=x86_64
      recording clock=mono began=8000000000 ended=8200000000 sched=0
      guest driver=haltpoll governor=haltpoll states=POLL,C1 uuid=\(Self.uuid)
      guest_parameters \(Self.parameters.replacing("=200000", with: "=0"))

      """)
    return (try TemporaryTrace(host.file), try TemporaryTrace(guest.file))
  }

  private func sides(offset: Int64?) throws -> BothSides {
    let (host, guest) = try traces()
    let read = try AnalysedTraces(
      [host.path, guest.path].map { OSString($0) }, AnalysisOptions(), .init(), threads: 2)
    let report = read.reportOfBothSides(guestOffset: offset)
    return try #require(report.sides.first)
  }

  @Test func `are of one VM by its UUID, without a common clock`() throws {
    let sides = try sides(offset: nil)
    #expect(sides.match == .uuid)
    #expect(sides.pairs.map(\.cpu.cpu) == [CPU(0)])
    #expect(sides.alignment == .unknown)
    #expect(sides.timeline == nil)
  }

  @Test func `are put on one clock by a known offset, which the halts confirm`() throws {
    let sides = try sides(offset: Self.offset)
    guard case .known(Self.offset, isOption: true, let fit?) = sides.alignment else {
      Issue.record("\(sides.alignment)")
      return
    }
    #expect(fit.fit == fit.halts)
    #expect(fit.halts >= 390)
    let timeline = try #require(sides.timeline)
    let idle = timeline.idle.reduce(0, +)
    // All but what lies at the ends of the common time.
    let all = sides.guestFigures.idle.sum
    #expect(idle > all - all / 50)
    #expect(idle <= all)
    #expect(timeline.byGuest.allSatisfy { $0 == 0 })
    let common = try #require(sides.pairs.first?.common)
    #expect(common.idle == [idle])
  }

  @Test func `are not put on one clock by an offset that the halts refute`() throws {
    let sides = try sides(offset: Self.offset + 350_000)
    guard case .refuted(_, let fit) = sides.alignment else {
      Issue.record("\(sides.alignment)")
      return
    }
    #expect(Double(fit.fit) < 0.8 * Double(fit.halts))
    #expect(sides.timeline == nil)
  }

  /// A file that is removed with the test.
  private final class TemporaryTrace {
    let path =
      FileManager.default.temporaryDirectory.appending(path: "polltrace-\(UUID()).dat").path
    init(_ content: [UInt8]) throws { try Data(content).write(to: URL(filePath: path)) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }
}
