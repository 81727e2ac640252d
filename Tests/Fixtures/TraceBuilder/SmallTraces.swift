import Foundation
import PollTrace

/// Traces of a few KB in every form: what a fuzzer starts from.
package enum SmallTraces {
  /// A name and a file each.
  package static let all: [(name: String, file: [UInt8])] = built + cut

  private static let built: [(name: String, file: [UInt8])] = {
    var forms: [(String, (inout TraceBuilder) -> Void)] = [
      ("plain", { _ in }), ("big-endian", { $0.isBigEndian = true }),
      ("32-bit", { $0.kernelLongSize = 4 }),
      ("32-bit-big-endian", { ($0.isBigEndian, $0.kernelLongSize) = (true, 4) }),
      ("extends", { $0.stamps = .extends }), ("absolute", { $0.stamps = .absolute }),
      ("padding", { $0.padsBetweenEvents = true }), ("words", { $0.hasLengthWords = true }),
      ("ticks", { $0.clock = "counter" }), ("lost", lose), ("options", addOptions),
      ("instance", addInstance),
    ]
    forms += [("old", { ($0.hasValidField, $0.kernel) = (false, "4.4.0") })]
    return forms.flatMap { name, change in
      [(6, TraceBuilder.Compression.none), (7, .none), (7, .zstd), (7, .zlib)].map {
        version, compression in
        var builder = TraceBuilder(InventedHalts.events(8))
        builder.version = version
        builder.compression = compression
        builder.pageSize = 512
        builder.pagesPerChunk = 1
        change(&builder)
        return ("\(name)-v\(version)-\(compression)", builder.file)
      }
    }
  }()

  private static func lose(_ builder: inout TraceBuilder) {
    let events = builder.buffers[0].events
    for (index, count) in [(30, 5), (20, nil)] as [(Int, UInt64?)] {
      let event = Event(
        time: events[index].time, cpu: events[index].cpu, thread: .idle,
        kind: .lost(count: count))
      builder.buffers[0].events.insert(event, at: index)
    }
  }

  private static func addInstance(_ builder: inout TraceBuilder) {
    builder.buffers.append(.init(name: "one", events: builder.buffers[0].events))
    builder.buffers[0].events = []
    builder.buffers[0].emptyCPUs = [0, 1]
  }

  private static func addOptions(_ builder: inout TraceBuilder) {
    builder.chainsOptions = true
    builder.clock = "x86-tsc"
    builder.names = [1_000: "CPU 0/KVM", 1_001: "CPU 1/KVM"]
    builder.add(option: 1, "0x1234")
    builder.add(option: 7, "-99")
    builder.add(option: 14, words: [UInt32(1) << 31, UInt32(31), UInt64(5)])
    builder.add(
      option: 13, words: [UInt64(7), UInt32(1), UInt32(0), UInt32(1_000)], text: "web1")
    builder.add(option: 2, "CPU: 0\noverrun: 3\ndropped events: 1\n")
    builder.add(option: 8, "1000 900\n1001 900\n")
    builder.add(
      option: 9,
      """
      polltrace.facts/1
      recorder name=polltrace
      host name=h boot=b kernel=6.18.0 arch=x86_64
      recording clock=mono began=5000000000 ended=5010000000 sched=1
      parameters since=1 halt_poll_ns=200000 grow=2 grow_start=10000 shrink=2
      parameters since=5004000000 not_before=5003000000 halt_poll_ns=0 grow=2 grow_start=0 shrink=0
      vcpu tid=1000 pid=900 vm=web%201 id=0
      lost cpu=1 events=3

      """)
  }

  /// Recorded traces of version 6, of which the first page of each CPU is left.
  private static var cut: [(name: String, file: [UInt8])] {
    ["exponential", "floating", "lost", "small-ceiling"].compactMap { name in
      (try? Data(contentsOf: URL(filePath: Fixtures.trace("\(name).dat"))))
        .flatMap { firstPages(of: [UInt8]($0)) }.map { ("recorded-\(name)", $0) }
    }
  }

  private static func firstPages(of file: [UInt8]) -> [UInt8]? {
    let mark = Array("flyrecord\0".utf8)
    guard let begin = file.indices.first(where: { file[$0...].starts(with: mark) }) else {
      return nil
    }
    func number(_ place: Int) -> Int {
      (0..<8).reduce(0) { $0 | Int(file[place + $1]) << ($1 * 8) }
    }
    let table = begin + mark.count
    let first = number(table)
    var kept = Array(file[..<first])
    for place in stride(from: table, to: first, by: 16) where number(place) >= first {
      guard number(place + 8) >= 4_096, number(place) + 4_096 <= file.count else { break }
      let page = file[number(place)..<number(place) + 4_096]
      for byte in 0..<8 {
        kept[place + byte] = UInt8(truncatingIfNeeded: kept.count >> (byte * 8))
        kept[place + 8 + byte] = UInt8(truncatingIfNeeded: 4_096 >> (byte * 8))
      }
      kept += page
    }
    return kept
  }
}
