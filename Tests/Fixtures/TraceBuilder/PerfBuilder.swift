package import PollTrace

/// Builds a perf.data of invented halts in either byte order, so that a case is visible in its test.
package struct PerfBuilder {
  package var isBigEndian = false
  /// What samples hold (`PERF_SAMPLE_*`): identifier, ip, tid, time, cpu, period, raw.
  package var sampleType: UInt64 = 1 << 16 | 1 << 10 | 1 << 8 | 1 << 7 | 1 << 2 | 1 << 1 | 1 << 0
  package var readFormat: UInt64 = 0
  /// `CLOCK_MONOTONIC`; nil for perf's own clock.
  package var clock: Int32? = 1
  /// The tracepoints that were switched on.
  package var tracepoints = [wakeup]
  /// One sample in so many events, or, `isFrequency`, so many a second.
  package var period: UInt64 = 1
  package var isFrequency = false
  /// The command line that the file keeps.
  package var arguments: [String] = []
  /// Whether the samples lie beside the file (`perf record --threads`).
  package var isIndex = false
  /// The bare records, as a part of a folder has them.
  package private(set) var records: [UInt8] = []

  package static let wakeup: UInt64 = 41, decision: UInt64 = 31, exit: UInt64 = 50

  package init(isBigEndian: Bool = false) { self.isBigEndian = isBigEndian }

  private func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { index in
      UInt8(
        truncatingIfNeeded: value >> (8 * (isBigEndian ? Value.bitWidth / 8 - 1 - index : index)))
    }
  }

  private func has(_ bit: UInt64) -> Bool { sampleType & 1 << bit != 0 }

  /// Adds a record.
  package mutating func add(kind: UInt32, _ content: [UInt8]) {
    let padding = (8 - content.count % 8) % 8
    records += bytes(kind) + bytes(UInt16(0)) + bytes(UInt16(8 + content.count + padding))
    records += content + Array(repeating: 0, count: padding)
  }

  /// Adds a wake-up after `block` ns, by default of sleep.
  package mutating func addHalt(
    at time: UInt64, cpu: UInt32 = 1, thread: UInt32 = 77, id: UInt64 = 9, block: UInt64 = 5_000,
    ending: Halt.Ending = .slept
  ) {
    // kvm_vcpu_wakeup: type, flags, pid, ns, waited, valid.
    let event =
      bytes(UInt16(Self.wakeup)) + [0, 0] + bytes(thread) + bytes(block)
      + [ending == .slept ? 1 : 0, 1, 0, 0]
    addSample(event, at: time, cpu: cpu, thread: thread, id: id)
  }

  /// Adds a move of the window to `new`.
  package mutating func addDecision(
    at time: UInt64, _ move: Decision.Move, old: UInt32, new: UInt32, thread: UInt32 = 77
  ) {
    let event =
      bytes(UInt16(Self.decision)) + [0, 0] + bytes(thread) + [move == .grow ? 1 : 0, 0, 0, 0]
      + bytes(UInt32(3)) + bytes(new) + bytes(old)
    addSample(event, at: time, cpu: 1, thread: thread)
  }

  /// Adds an exit of a guest on AMD.
  package mutating func addExit(at time: UInt64, isHalt: Bool, thread: UInt32 = 77) {
    let event =
      bytes(UInt16(Self.exit)) + [0, 0] + bytes(thread) + bytes(UInt32(isHalt ? 0x78 : 0x60))
      + bytes(UInt32(2))
    addSample(event, at: time, cpu: 1, thread: thread)
  }

  /// Adds a sample of the event whose own bytes are `event`.
  private mutating func addSample(
    _ event: [UInt8], at time: UInt64, cpu: UInt32, thread: UInt32, id: UInt64 = 9
  ) {
    var content: [UInt8] = []
    if has(16) { content += bytes(id) }
    if has(0) { content += bytes(UInt64(0xffff_ffff_8000_0000)) }
    if has(1) { content += bytes(thread - 1) + bytes(thread) }
    if has(2) { content += bytes(time) }
    if has(7) { content += bytes(cpu) + bytes(UInt32(0)) }
    if has(8) { content += bytes(UInt64(1)) }
    if has(4) { content += bytes(UInt64(3)) + bytes(id) }
    if has(5) { content += bytes(UInt64(2)) + bytes(UInt64(1)) + bytes(UInt64(2)) }
    if has(10) { content += bytes(UInt32(event.count)) + event }
    add(kind: 9, content)
  }

  /// Adds the record of a loss on `cpu`, stamped `time`.
  package mutating func addLoss(_ count: UInt64, at time: UInt64, cpu: UInt32 = 1) {
    var content = bytes(UInt64(9)) + bytes(count) + bytes(UInt32(76)) + bytes(UInt32(77))
    content += bytes(time) + bytes(cpu) + bytes(UInt32(0)) + bytes(UInt64(9))
    add(kind: 2, content)
  }

  /// Adds the kernel's count of lost samples.
  package mutating func addLostSamples(_ count: UInt64) { add(kind: 13, bytes(count)) }

  /// Adds a thread's name.
  package mutating func addName(_ name: String, thread: UInt32 = 77) {
    add(kind: 3, bytes(thread - 1) + bytes(thread) + Array(name.utf8) + [0])
  }

  /// Adds the end of a round of reading.
  package mutating func addRound() { add(kind: 68, []) }

  private func attribute(_ tracepoint: UInt64) -> [UInt8] {
    var attribute = bytes(UInt32(2)) + bytes(UInt32(128)) + bytes(tracepoint) + bytes(period)
    attribute += bytes(sampleType) + bytes(readFormat)
    var bits = [UInt8](repeating: 0, count: 8)
    for bit in [18] + (clock == nil ? [] : [25]) + (isFrequency ? [10] : []) {
      bits[bit / 8] |= 1 << UInt8(isBigEndian ? 7 - bit % 8 : bit % 8)
    }
    attribute += bits + Array(repeating: 0, count: 92 - 48) + bytes(clock ?? 0)
    return attribute + Array(repeating: 0, count: 128 - attribute.count)
  }

  private func sized(_ text: String) -> [UInt8] {
    bytes(UInt64(text.utf8.count)) + Array(text.utf8)
  }

  private var tracingData: [UInt8] {
    let common = """
      \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
      \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
      \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

      """
    let decision = """
      name: kvm_halt_poll_ns
      ID: 31
      format:
      \(common)
      \tfield:bool grow;\toffset:8;\tsize:1;\tsigned:0;
      \tfield:unsigned int vcpu_id;\toffset:12;\tsize:4;\tsigned:0;
      \tfield:unsigned int new;\toffset:16;\tsize:4;\tsigned:0;
      \tfield:unsigned int old;\toffset:20;\tsize:4;\tsigned:0;

      """
    let exit = """
      name: kvm_exit
      ID: 50
      format:
      \(common)
      \tfield:unsigned int exit_reason;\toffset:8;\tsize:4;\tsigned:0;
      \tfield:u32 isa;\toffset:12;\tsize:4;\tsigned:0;

      """
    let wakeup = """
      name: kvm_vcpu_wakeup
      ID: 41
      format:
      \(common)
      \tfield:__u64 ns;\toffset:8;\tsize:8;\tsigned:0;
      \tfield:bool waited;\toffset:16;\tsize:1;\tsigned:0;
      \tfield:bool valid;\toffset:17;\tsize:1;\tsigned:0;

      """
    var data: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing0.6".utf8) + [0]
    data += [isBigEndian ? 1 : 0, 8] + bytes(UInt32(4_096))
    data += Array("header_page\0".utf8) + sized("\tfield: u64 timestamp;\n")
    data += Array("header_event\0".utf8) + sized("")
    data += bytes(UInt32(0)) + bytes(UInt32(1)) + Array("kvm\0".utf8)
    let formats = [Self.wakeup: wakeup, Self.decision: decision, Self.exit: exit]
    data += bytes(UInt32(tracepoints.count))
    for tracepoint in tracepoints { data += sized(formats[tracepoint] ?? "") }
    return data + bytes(UInt32(0)) + bytes(UInt32(0)) + bytes(UInt64(0))
  }

  private func text(_ text: String) -> [UInt8] {
    bytes(UInt32(text.utf8.count + 1)) + Array(text.utf8) + [0]
  }

  private var magic: [UInt8] { Array((isBigEndian ? "2ELIFREP" : "PERFILE2").utf8) }

  /// As perf writes a file: header, ids, attributes, records, features.
  package var file: [UInt8] {
    let (ids, attributes) = (104, 112)
    let data = attributes + 144 * tracepoints.count
    var head = magic + bytes(UInt64(104)) + bytes(UInt64(144))
    head += bytes(UInt64(attributes)) + bytes(UInt64(144 * tracepoints.count))
    head += bytes(UInt64(data)) + bytes(UInt64(records.count)) + bytes(UInt64(0)) + bytes(UInt64(0))
    var features: [(id: Int, content: [UInt8])] = [
      (1, tracingData), (3, text("host")), (4, text("6.1.0")), (6, text("s390x")),
      (7, bytes(UInt32(8)) + bytes(UInt32(4))),
    ]
    if !arguments.isEmpty {
      features.append((11, bytes(UInt32(arguments.count)) + arguments.flatMap(text)))
    }
    if isIndex { features.append((24, bytes(UInt64(1)))) }
    head += bytes(features.reduce(0 as UInt64) { $0 | 1 << UInt64($1.id) })
    head += Array(repeating: 0, count: 24)
    head += bytes(UInt64(9))
    for tracepoint in tracepoints {
      head += attribute(tracepoint) + bytes(UInt64(ids)) + bytes(UInt64(8))
    }
    var table: [UInt8] = []
    var contents: [UInt8] = []
    let first = data + records.count + 16 * features.count
    for (_, content) in features {
      table += bytes(UInt64(first + contents.count)) + bytes(UInt64(content.count))
      contents += content
    }
    return head + records + table + contents
  }

  /// As perf writes into a pipe: everything as records.
  package var pipe: [UInt8] {
    var stream = PerfBuilder(isBigEndian: isBigEndian)
    for tracepoint in tracepoints {
      stream.add(kind: 64, attribute(tracepoint) + bytes(UInt64(9)))
    }
    stream.add(kind: 80, bytes(UInt64(4)) + text("6.1.0"))
    let formats = tracingData + Array(repeating: 0, count: (8 - tracingData.count % 8) % 8)
    stream.records += bytes(UInt32(66)) + bytes(UInt16(0)) + bytes(UInt16(12))
    stream.records += bytes(UInt32(formats.count)) + formats
    return magic + bytes(UInt64(16)) + stream.records + records
  }
}
