internal import PerfettoTrace
package import PollTrace
internal import SwiftProtobuf

/// Halts in Perfetto's trace format, part by part as they come: a track a vCPU, or a guest's CPU.
///
/// docs/export.md says what is shown how. A trace of Perfetto is a list of packets, so the parts of
/// one, put one after the other, are a trace as well.
package struct HaltTimeline {
  private var tracks: TimelineTracks
  private var sequences: [TimelineSequence]
  private var flows: UInt64 = 0
  /// The place of each CPU of a guest among the sequences.
  private let places: [CPU: Int]
  /// What describes VMs and vCPUs, and must come first.
  package let beginning: [UInt8]

  package init(_ report: TraceReport) throws {
    var packets: [PerfettoTracePacket] = []
    tracks = TimelineTracks(report, &packets)
    sequences = tracks.vcpus.enumerated().map { number, vcpu in
      TimelineSequence(
        TimelineTracks.sequence + 1 + UInt32(number), vcpu, report.guest == nil ? .host : .guest)
    }
    places = Dictionary(
      (report.guest?.cpus ?? []).enumerated().map { ($1.cpu, $0) }, uniquingKeysWith: { $1 })
    packets += sequences.map(\.opening)
    beginning = try Self.bytes(of: packets)
  }

  /// Hands the packets of `halts` over in small parts; each vCPU's halts are in order of time.
  package mutating func write(
    _ halts: [ReportedHalt], to sink: ([UInt8]) throws -> Void
  ) throws {
    var packets: [PerfettoTracePacket] = []
    for halt in halts {
      let waker = tracks.waker(of: halt.halt.halt, &packets)
      flows += 1
      sequences[halt.vcpu].add(halt.halt, waker: waker, flow: flows, &packets)
      guard packets.count >= Self.packetsAtOnce else { continue }
      try sink(try Self.bytes(of: packets))
      packets.removeAll(keepingCapacity: true)
    }
    try sink(try Self.bytes(of: packets))
  }

  /// The same of a guest's idle times.
  package mutating func write(
    _ idles: [KeptIdle], to sink: ([UInt8]) throws -> Void
  ) throws {
    var packets: [PerfettoTracePacket] = []
    for kept in idles {
      guard let place = places[kept.cpu] else { continue }
      sequences[place].add(kept.idle, &packets)
      guard packets.count >= Self.packetsAtOnce else { continue }
      try sink(try Self.bytes(of: packets))
      packets.removeAll(keepingCapacity: true)
    }
    try sink(try Self.bytes(of: packets))
  }

  /// A packet takes a few hundred bytes before it is written.
  private static let packetsAtOnce = 4_096

  private static func bytes(of packets: [PerfettoTracePacket]) throws -> [UInt8] {
    var trace = PerfettoTrace()
    trace.packet = packets
    return try trace.serializedBytes()
  }
}
