import PerfettoTrace
import SwiftProtobuf

/// What a file of Perfetto's format must keep to, checked packet by packet.
struct TimelineChecker {
  private(set) var faults: [String] = []
  /// Slices and instants by their name, and where they lie.
  private(set) var counts: [String: Int] = [:]
  private(set) var tracks: [UInt64: PerfettoTrackDescriptor] = [:]
  /// What the argument `block_ns` adds up to.
  private(set) var block: UInt64 = 0
  /// The values of each counter, in order.
  private(set) var values: [UInt64: [Int64]] = [:]
  private var names: [UInt32: [UInt64: String]] = [:]
  private var arguments: [UInt32: [UInt64: String]] = [:]
  private var words: [UInt32: Set<UInt64>] = [:]
  private var times: [UInt32: UInt64] = [:]
  private var open: [UInt64: [UInt64]] = [:]
  private var flows: [UInt64: (begin: UInt64?, end: UInt64?)] = [:]

  init(_ trace: PerfettoTrace) {
    for packet in trace.packet { check(packet) }
    for (track, slices) in open where !slices.isEmpty { faults.append("track \(track) stays open") }
    for (flow, ends) in flows {
      guard let begin = ends.begin, let end = ends.end, begin <= end else {
        faults.append("flow \(flow): \(ends)")
        continue
      }
    }
  }

  private mutating func check(_ packet: PerfettoTracePacket) {
    let sequence = packet.trustedPacketSequenceID
    expect(sequence != 0, "a packet without sequence")
    expect(packet.unknownFields.data.isEmpty, "an unknown field")
    if packet.hasInternedData {
      expect(packet.sequenceFlags & 1 != 0, "names that may be known already")
      names[sequence] = packet.internedData.eventNames.reduce(into: [:]) { $0[$1.iid] = $1.name }
      arguments[sequence] = packet.internedData.debugAnnotationNames.reduce(into: [:]) {
        $0[$1.iid] = $1.name
      }
      words[sequence] = Set(packet.internedData.debugAnnotationStringValues.map(\.iid))
    }
    if packet.hasTrackDescriptor { check(packet.trackDescriptor) }
    guard packet.hasTrackEvent else { return }
    expect(packet.timestamp >= times[sequence] ?? 0, "time runs backwards in \(sequence)")
    expect(packet.sequenceFlags & 2 != 0, "a packet that hides its need of names")
    times[sequence] = packet.timestamp
    check(packet.trackEvent, at: packet.timestamp, in: sequence)
  }

  private mutating func check(_ track: PerfettoTrackDescriptor) {
    expect(track.uuid != 0 && tracks[track.uuid] == nil, "track \(track.uuid) once more")
    expect(!track.hasParentUuid || tracks[track.parentUuid] != nil, "a parent that is not there")
    expect(!track.hasCounter || track.counter.unit == .timeNs, "a counter without unit")
    tracks[track.uuid] = track
  }

  private mutating func check(
    _ event: PerfettoTrackEvent, at time: UInt64, in sequence: UInt32
  ) {
    guard let track = tracks[event.trackUuid] else {
      faults.append("track \(event.trackUuid) is not described before")
      return
    }
    expect(track.hasCounter == (event.type == .counter), "a counter's value elsewhere")
    for flow in event.flowIds {
      expect(flows[flow] == nil, "flow \(flow) begins twice, or ends first")
      flows[flow, default: (nil, nil)].begin = time
    }
    for flow in event.terminatingFlowIds {
      expect(flows[flow]?.end == nil, "flow \(flow) ends twice")
      flows[flow, default: (nil, nil)].end = time
    }
    switch event.type {
    case .sliceBegin:
      count(event, in: sequence)
      open[event.trackUuid, default: []].append(time)
    case .sliceEnd:
      let begin = open[event.trackUuid, default: []].popLast()
      expect(begin.map { $0 <= time } ?? false, "a slice ends that did not begin")
    case .instant: count(event, in: sequence)
    case .counter: values[event.trackUuid, default: []].append(event.counterValue)
    default: faults.append("an event without type")
    }
  }

  private mutating func count(_ event: PerfettoTrackEvent, in sequence: UInt32) {
    let name = names[sequence]?[event.nameIid]
    expect(name != nil, "name \(event.nameIid) is not there")
    counts[name ?? "", default: 0] += 1
    for argument in event.debugAnnotations {
      let name = arguments[sequence]?[argument.nameIid]
      expect(name != nil, "argument \(argument.nameIid) is not there")
      if argument.hasStringValueIid {
        expect(words[sequence]?.contains(argument.stringValueIid) ?? false, "a word is not there")
      }
      if name == "block_ns" { block += argument.uintValue }
    }
  }

  private mutating func expect(_ holds: Bool, _ fault: @autoclosure () -> String) {
    if !holds, faults.count < 20 { faults.append(fault()) }
  }
}
