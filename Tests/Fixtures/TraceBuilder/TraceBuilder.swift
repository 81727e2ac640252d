package import PollTrace

/// Writes trace.dat files of either version in memory, with every quirk at a switch.
///
/// A test builds the file that it is about from the events that must come out of it again.
package struct TraceBuilder: Sendable {
  /// How records tell their time.
  package enum Stamps: Sendable {
    /// As the time since the record before; a time extend where that is too long.
    case deltas
    /// A time extend before every record.
    case extends
    /// An absolute time before every record.
    case absolute
  }

  package enum Compression: String, Sendable, CaseIterable { case none, zlib, zstd }

  /// What a writer did wrong once, and files in the wild have.
  package enum WriterBug: Sendable {
    /// The size of compressed data without its count of chunks (bugzilla.kernel.org 217367).
    case sizeFourTooSmall
    /// Sizes of more than 2 GiB truncated: the size says nothing.
    case sizeTruncated
    /// The high halves of counts and sizes, on big-endian hosts: 0 (until trace-cmd f339229f).
    case highHalves
    /// The count of chunks in the host's byte order, not the file's.
    case countInHostOrder
    /// All numbers of BUFFER in the host's byte order, not the file's.
    case bufferInHostOrder
    /// A length of header_page that is not its text's (bugzilla.kernel.org 216999).
    case headerPageTooLong
    case headerPageTooShort
  }

  /// One instance's buffers: events by CPU.
  package struct Buffer: Sendable {
    package var name = ""
    package var clock: String?
    package var events: [Event] = []
    /// CPUs without events that are in the table nevertheless.
    package var emptyCPUs: [UInt32] = []
    package init(name: String = "", clock: String? = nil, events: [Event] = []) {
      self.name = name
      self.clock = clock
      self.events = events
    }
  }

  /// A guest's exit: `kvm_exit` of `thread`.
  package struct Exit: Sendable {
    /// What its format and its reasons are like.
    package enum Arch: UInt32, Sendable, CaseIterable { case arm64, vmx, svm }
    package var time: UInt64
    package var cpu: UInt32 = 0
    package var thread: Int32
    /// Whether the guest exited to halt.
    package var isHalt: Bool
    package init(at time: UInt64, cpu: UInt32 = 0, of thread: Int32, isHalt: Bool) {
      (self.time, self.cpu, self.thread, self.isHalt) = (time, cpu, thread, isHalt)
    }
  }

  package var version = 6
  package var isBigEndian = false
  /// What the file's head says of the recorder's long; the kernel's may be another.
  package var longSize = 8
  package var kernelLongSize = 8
  package var pageSize = 4_096
  /// Bytes of a sub-buffer, where it is larger than a page (version 7).
  package var subBufferSize: Int?
  package var compression = Compression.none
  package var pagesPerChunk = 4
  /// Whether the second half of each CPU's chunks comes first.
  package var swapsChunks = false
  package var stamps = Stamps.deltas
  package var padsBetweenEvents = false
  /// Whether records have their length in a word of its own.
  package var hasLengthWords = false
  package var eventsPerPage: Int?
  /// Whether `kvm_vcpu_wakeup` has its field `valid` (from 4.7 on).
  package var hasValidField = true
  /// Whether the format of `kvm_vcpu_wakeup` is in the file.
  package var hasWakeupFormat = true
  /// Whether the format of `kvm_halt_poll_ns` is in the file.
  package var hasDecisionFormat = true
  /// Whether that of `kvm_apic_accept_irq` is.
  package var hasAcceptFormat = false
  package var clock = "mono"
  package var kernel = "6.18.0"
  package var names: [Int32: String] = [:]
  /// Further options, as they stand in the file.
  package var options: [(id: UInt16, content: [UInt8])] = []
  /// Whether options are spread over several sections (version 7).
  package var chainsOptions = false
  /// Whether version 6 puts the clocks' line behind the table of CPUs.
  package var clockIsBehindTable = false
  /// CPUs that the header counts, where a CPUCOUNT option counts them right (version 6).
  package var headerCPUs: UInt32?
  package var hasEventSystems = true
  package var bugs: [WriterBug] = []
  package var buffers = [Buffer()]
  /// Exits from guests (`kvm_exit`), which are no `Event`.
  package var exits: [Exit] = []
  /// Whether the events of a guest's own polling are described.
  package var hasGuestEvents = false
  /// Whose exits they are.
  package var exitArch = Exit.Arch.vmx

  package init(_ events: [Event] = []) { buffers[0].events = events }

  /// The file.
  package var file: [UInt8] { version == 7 ? version7() : version6() }

  /// An option whose content is text with a NUL behind it.
  package mutating func add(option id: UInt16, _ text: String) {
    options.append((id, Array(text.utf8) + [0]))
  }

  /// An option of numbers, in the file's byte order.
  package mutating func add(option id: UInt16, words: [any FixedWidthInteger], text: String? = nil)
  {
    var content = ByteWriter(isBigEndian: isBigEndian)
    if let text { content.add(text: text) }
    for word in words { content.add(word) }
    options.append((id, content.bytes))
  }
}

extension TraceBuilder {
  func head() -> ByteWriter {
    var out = ByteWriter(isBigEndian: isBigEndian)
    out.add([0x17, 0x08, 0x44])
    out.add(text: "tracing\(version)")
    out.add([isBigEndian ? 1 : 0, UInt8(longSize)])
    out.add(UInt32(pageSize))
    return out
  }

  func headers() -> [UInt8] {
    var out = ByteWriter(isBigEndian: isBigEndian)
    out.add(text: "header_page")
    let page = Array(EventFormats.page(self).utf8)
    if bugs.contains(.headerPageTooLong) {
      out.add(UInt64(page.count + 24))
    } else if bugs.contains(.headerPageTooShort) {
      out.add(UInt64(page.count - 24))
    } else {
      out.add(UInt64(page.count))
    }
    out.add(page)
    out.add(text: "header_event")
    out.add(sized: Array(EventFormats.event.utf8))
    return out.bytes
  }

  func ftraceFormats() -> [UInt8] {
    var out = ByteWriter(isBigEndian: isBigEndian)
    out.add(UInt32(EventFormats.odd.count))
    for text in EventFormats.odd { out.add(sized: Array(text.utf8)) }
    return out.bytes
  }

  func eventFormats() -> [UInt8] {
    var out = ByteWriter(isBigEndian: isBigEndian)
    var systems =
      hasEventSystems
      ? [("kvm", EventFormats.kvm(self)), ("sched", EventFormats.sched(self))] : []
    if hasGuestEvents {
      systems += [("power", EventFormats.power), ("ipi", EventFormats.interrupts)]
    }
    out.add(UInt32(systems.count))
    for (system, texts) in systems {
      out.add(text: system)
      out.add(UInt32(texts.count))
      for text in texts { out.add(sized: Array(text.utf8)) }
    }
    return out.bytes
  }

  func cmdlines() -> [UInt8] {
    let lines = names.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
    var out = ByteWriter(isBigEndian: isBigEndian)
    out.add(sized: lines.isEmpty ? [] : Array(lines.utf8) + [0])
    return out.bytes
  }

  /// The line of all clocks, the used one in brackets.
  func clocks(_ used: String) -> String {
    let all = ["local", "global", "counter", "uptime", "perf", "mono", "mono_raw", "boot", "tai"]
    return (all.contains(used) ? all : all + [used]).map { $0 == used ? "[\($0)]" : $0 }
      .joined(separator: " ")
  }

  /// Each CPU's pages; CPUs without events have none.
  func pages(of buffer: Buffer) -> [(cpu: UInt32, pages: [UInt8])] {
    let cpus = Set(buffer.events.map(\.cpu.rawValue)).union(buffer.emptyCPUs)
      .union(exits.map(\.cpu)).sorted()
    return cpus.map { cpu in
      (
        cpu,
        PageWriter.pages(
          of: buffer.events.filter { $0.cpu.rawValue == cpu }, exits.filter { $0.cpu == cpu }, self)
      )
    }
  }
}
