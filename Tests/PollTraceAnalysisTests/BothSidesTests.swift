import Fixtures
import Foundation
import PollTraceFile
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

@Suite struct `Recordings of a guest and of its host` {
  private func sides(offset: TimeOffset?) throws -> BothSides {
    let (host, guest) = (
      try TemporaryTrace(GuestAndHost.host), try TemporaryTrace(GuestAndHost.guest)
    )
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
    let sides = try sides(offset: TimeOffset(GuestAndHost.offset))
    guard case .known(let offset, isOption: true, let fit?) = sides.alignment else {
      Issue.record("\(sides.alignment)")
      return
    }
    #expect(offset == TimeOffset(GuestAndHost.offset))
    #expect(fit.fit == fit.halts)
    #expect(fit.halts >= 390)
    let timeline = try #require(sides.timeline)
    let idle = timeline.idle.reduce(0, +)
    // All but what lies at the ends of the common time.
    let all = sides.guestFigures.idle.sum
    #expect(idle > all - all / 50)
    #expect(idle <= all)
    #expect(timeline.byGuest.reduce(0, +) == GuestAndHost.polls)
    let common = try #require(sides.pairs.first?.common)
    #expect(common.idle == [idle])
  }

  @Test func `are not put on one clock by an offset that the halts refute`() throws {
    let sides = try sides(offset: TimeOffset(GuestAndHost.offset + 350_000))
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
