/// What a trace.dat says beside its events; laid out as version 6 has it before them (trace-cmd.dat.v6
/// format).
struct TraceDatHead: Hashable {
  /// Options by the ids that trace-cmd gave them.
  private enum Option {
    static let cpuStatistics: UInt16 = 2
    static let clock: UInt16 = 4
    static let host: UInt16 = 5
    static let cpus: UInt16 = 8
    static let version: UInt16 = 9
  }

  /// A tracepoint's name and its format file.
  struct Format: Hashable {
    var event: EventName
    var text: [UInt8]
  }

  /// Bytes of a ring-buffer page; every CPU's events begin at a multiple of it.
  var pageSize: Int
  var headerPage: [UInt8] = []
  var headerEvent: [UInt8] = []
  var formats: [Format] = []
  /// `PID NAME` lines.
  var names: [UInt8] = []
  /// The file trace_clock: all clocks, the one in use in brackets.
  var clock: [UInt8] = []
  /// System, host, release, machine.
  var host = ""
  /// Text of the recorder, in a VERSION option.
  var facts = ""
  /// The file per_cpu/cpuN/stats of each CPU, where known.
  var statistics: [[UInt8]?] = []

  /// Where a CPU's events lie in the file.
  struct Extent: Hashable {
    var offset: Int
    var size: Int
  }

  /// The head for CPUs with `sizes` bytes of events, and where those go; padded to the first page.
  ///
  /// Where one CPU's events lie already, `first`, the head is before them, and the others are behind.
  func layout(
    of sizes: [Int], first: (cpu: Int, extent: Extent)? = nil
  ) -> (head: [UInt8], extents: [Extent]) {
    let cpus = sizes.count
    var bytes = beginning(cpus: cpus)
    let table = cpus * 16 + 8 + clock.count
    var offset = aligned(first.map { $0.extent.offset + $0.extent.size } ?? bytes.count + table)
    let extents = sizes.enumerated().map { cpu, size in
      if let first, first.cpu == cpu { return first.extent }
      // An empty CPU still has a place, so that readers need not know a special value.
      defer { offset = aligned(offset + size) }
      return Extent(offset: offset, size: size)
    }
    for extent in extents {
      bytes.add(UInt64(extent.offset))
      bytes.add(UInt64(extent.size))
    }
    // Not in the document: where there is a TRACECLOCK option, the clock stands here once more.
    bytes.add(UInt64(clock.count))
    bytes += clock
    bytes += [UInt8](repeating: 0, count: aligned(bytes.count) - bytes.count)
    return (bytes, extents)
  }

  private func aligned(_ offset: Int) -> Int { (offset + pageSize - 1) / pageSize * pageSize }

  private func beginning(cpus: Int) -> [UInt8] {
    var bytes: [UInt8] = [0x17, 0x08, 0x44]
    bytes.add(text: "tracing6")
    bytes.append(UInt8(1.bigEndian == 1 ? 1 : 0))
    bytes.append(UInt8(MemoryLayout<Int>.size))
    bytes.add(UInt32(pageSize))
    bytes.add(text: "header_page")
    bytes.add(sized: headerPage)
    bytes.add(text: "header_event")
    bytes.add(sized: headerEvent)
    bytes.add(UInt32(0))  // ftrace's own events
    bytes += eventFormats
    bytes.add(UInt32(0))  // kallsyms
    bytes.add(UInt32(0))  // printk
    bytes.add(sized: names)
    bytes.add(UInt32(cpus))
    bytes.add(text: "options  ")
    for (id, content) in options(cpus: cpus) { bytes.add(id, content) }
    bytes.add(UInt16(0))
    bytes.add(text: "flyrecord")
    return bytes
  }

  /// The formats by system, as both versions have them.
  var eventFormats: [UInt8] {
    var bytes: [UInt8] = []
    let systems = Set(formats.map(\.event.system)).sorted()
    bytes.add(UInt32(systems.count))
    for system in systems {
      let own = formats.filter { $0.event.system == system }
      bytes.add(text: system)
      bytes.add(UInt32(own.count))
      for format in own { bytes.add(sized: format.text) }
    }
    return bytes
  }

  /// What both versions say in options.
  func options(cpus: Int) -> [(id: UInt16, content: [UInt8])] {
    var options: [(id: UInt16, content: [UInt8])] = []
    for (cpu, text) in statistics.enumerated() {
      if let text {
        options.append((Option.cpuStatistics, Array("CPU: \(cpu)\n".utf8) + text + [0]))
      }
    }
    // trace-cmd reads this option as a string even where its size is 0.
    options.append((Option.clock, clock + [0]))
    options.append((Option.host, Array(host.utf8) + [0]))
    options.append((Option.version, Array(facts.utf8) + [0]))
    var count: [UInt8] = []
    count.add(UInt32(cpus))
    options.append((Option.cpus, count))
    return options
  }
}

extension [UInt8] {
  mutating func add<Value: FixedWidthInteger>(_ value: Value) {
    let size = Value.bitWidth / 8
    for byte in 0..<size {
      let shift = (1.bigEndian == 1 ? size - 1 - byte : byte) * 8
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func add(text: String) { self += Array(text.utf8) + [0] }

  mutating func add(sized bytes: [UInt8]) {
    add(UInt64(bytes.count))
    self += bytes
  }

  mutating func add(_ option: UInt16, _ bytes: [UInt8]) {
    add(option)
    add(UInt32(bytes.count))
    self += bytes
  }
}
