/// Writes a perf.data as `perf record -a` does: each CPU's samples in stretches, round after round.
struct PerfWriter: TraceSink {
  private var file: FileSink
  /// The samples of each CPU that wait for the end of the round.
  private var samples: [[UInt8]]
  private var waiting = 0

  /// What each sample holds: identifier, ip, tid, time, cpu, period, raw.
  private static let sampleType: UInt64 = 1 << 16 | 1 << 10 | 1 << 8 | 1 << 7 | 1 << 2 | 1 << 1 | 1
  /// perf writes a round when its buffers are half full.
  private static let round = 1 << 20

  /// All comes as records, as through a pipe: nothing must be known at the beginning.
  init(path: String, cpus: Int) throws {
    file = try FileSink(path: path)
    samples = Array(repeating: [], count: cpus)
    var head = Array("PERFILE2".utf8) + Header.bytes(UInt64(16))
    for (event, id) in [(41, 1), (31, 2)] as [(UInt64, UInt64)] {
      var attribute = Header.bytes(UInt32(2)) + Header.bytes(UInt32(128)) + Header.bytes(event)
      attribute += Header.bytes(UInt64(1)) + Header.bytes(Self.sampleType)
      attribute += Header.bytes(UInt64(0)) + Header.bytes(UInt64(1 << 18 | 1 << 25))
      attribute += Array(repeating: 0, count: 44) + Header.bytes(Int32(1))
      attribute += Array(repeating: 0, count: 128 - attribute.count)
      head += Self.record(64, attribute + Header.bytes(id))
    }
    var formats = Header.formats(hasScheduler: false)
    formats += Array(repeating: 0, count: (8 - formats.count % 8) % 8)
    head += Header.bytes(UInt32(66)) + Header.bytes(UInt16(0)) + Header.bytes(UInt16(12))
    head += Header.bytes(UInt32(formats.count)) + formats
    file.write(head)
  }

  private static func record(_ kind: UInt32, _ content: [UInt8]) -> [UInt8] {
    Header.bytes(kind) + Header.bytes(UInt16(0)) + Header.bytes(UInt16(8 + content.count)) + content
  }

  mutating func wakeup(at time: UInt64, cpu: Int, thread: Int32, block: UInt64, waited: Bool) {
    begin(at: time, cpu: cpu, thread: thread, type: 41, id: 1, length: 20)
    put(block, cpu)
    put(UInt32(waited ? 1 : 0) | 0x100, cpu)
    end(cpu)
  }

  mutating func decision(
    at time: UInt64, cpu: Int, thread: Int32, grow: Bool, vcpu: UInt32, new: UInt32, old: UInt32
  ) {
    begin(at: time, cpu: cpu, thread: thread, type: 31, id: 2, length: 28)
    put(UInt64(grow ? 1 : 0) | UInt64(vcpu) << 32, cpu)
    put(UInt64(new) | UInt64(old) << 32, cpu)
    put(UInt32(0), cpu)
    end(cpu)
  }

  /// A sample's record up to the event's own fields; the event has `length` bytes in all.
  private mutating func begin(
    at time: UInt64, cpu: Int, thread: Int32, type: UInt64, id: UInt64, length: Int
  ) {
    put(UInt32(9), cpu)
    put(UInt16(1), cpu)
    put(UInt16(8 + 6 * 8 + 4 + length), cpu)
    put(id, cpu)
    put(0xffff_ffff_8120_0000 as UInt64, cpu)
    put(UInt64(UInt32(bitPattern: thread)) << 32 | 9_999, cpu)
    put(time, cpu)
    put(UInt64(cpu), cpu)
    put(UInt64(1), cpu)
    put(UInt32(length), cpu)
    put(type | UInt64(UInt32(bitPattern: thread)) << 32, cpu)
  }

  private mutating func put<Value: FixedWidthInteger>(_ value: Value, _ cpu: Int) {
    withUnsafeBytes(of: value.littleEndian) { samples[cpu] += $0 }
  }

  private mutating func end(_ cpu: Int) {
    waiting += 1
    if waiting * 90 > Self.round { endRound() }
  }

  private mutating func endRound() {
    for cpu in samples.indices {
      file.write(samples[cpu])
      samples[cpu].removeAll(keepingCapacity: true)
    }
    file.write(Self.record(68, []))
    waiting = 0
  }

  mutating func finish() throws {
    endRound()
    try file.finish()
  }
}
