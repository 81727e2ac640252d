internal import Dispatch
internal import PollTrace
internal import Synchronization

/// A trace.dat of any version, its pages read in place.
final class TraceDatReader: TraceReader {
  let description: TraceDescription
  let ledger: Ledger
  let statedLosses: [CPU: UInt64]
  private let layouts: RecordLayouts
  private let signLayouts: SignLayouts
  private let clock: ClockConversion
  /// Of all buffers, in order of CPU.
  private let pages: [CPUPages]
  /// Whether events are missing behind each CPU's last one, as the recorder was killed.
  private let isCutOff: Bool

  /// The trace in `file`; `opening` says what was wrong with the file around it.
  init(_ file: Bytes, path: String, _ opening: Ledger = Ledger()) throws(TraceFileError) {
    var header = try TraceDatHeader.read(file, path: path)
    header.keepComparable()
    let options = TraceDatOptions(header)
    var layouts = EventLayouts()
    for (system, text) in header.formats where EventLayouts.systems.contains(system) {
      layouts.add(text.text, system: system)
    }
    let described = DescribedEvents(header.formats, layouts)
    self.layouts = RecordLayouts(layouts, described, isBigEndian: header.isBigEndian)
    signLayouts = SignLayouts(header.formats, layouts, isBigEndian: header.isBigEndian)
    let clock = Self.clock(header, options)
    self.clock = ClockConversion(
      scale: clock.isTime || options.scale == nil ? options.scale : nil, offset: options.timeOffset)
    var ledger = opening
    ledger.merge(header.ledger)
    ledger.merge(options.ledger)
    ledger.merge(described.ledger)
    ledger.merge(layouts.ledger)
    let buffers = header.buffers
    pages = Self.pages(of: buffers, header, file, &ledger)
    try AnotherRecording.refuse(file, behindTraceDat: header.end(in: file), path: path)
    isCutOff = options.facts?.isCutOff ?? false
    if isCutOff {
      ledger.note(.unfinished, 1, "its recorder was killed: each CPU's last events are missing")
    }
    self.ledger = ledger
    statedLosses = options.losses
    var description = Self.description(path, header, options, clock, layouts)
    description.isCutShort = isCutOff || Self.areCut(buffers, file)
    self.description = description
  }

  /// The pages of each CPU, as far as they lie inside the file.
  private static func pages(
    of buffers: [TraceDatHeader.Buffer], _ header: TraceDatHeader, _ file: Bytes,
    _ ledger: inout Ledger
  ) -> [CPUPages] {
    var pages: [CPUPages] = []
    for buffer in buffers {
      guard TraceDatHeader.pageSizes.contains(buffer.pageSize) else {
        ledger.note(.damaged, 1, "pages of \(buffer.pageSize) bytes, 64 to 16777216 expected")
        continue
      }
      for data in buffer.cpus where data.size > 0 {
        guard let found = Self.pages(of: data, Int(buffer.pageSize), header, file, &ledger) else {
          continue
        }
        pages.append(found)
      }
    }
    return pages.sorted { $0.cpu < $1.cpu }
  }

  /// Whether any CPU's pages lie beyond the file's end.
  private static func areCut(_ buffers: [TraceDatHeader.Buffer], _ file: Bytes) -> Bool {
    buffers.contains { buffer in
      buffer.cpus.contains { data in
        data.size > 0
          && (data.offset >= UInt64(file.count)
            || (data.compression == nil && data.size > UInt64(file.count) - data.offset))
      }
    }
  }

  private static func pages(
    of data: TraceDatHeader.CPUData, _ pageSize: Int, _ header: TraceDatHeader, _ file: Bytes,
    _ ledger: inout Ledger
  ) -> CPUPages? {
    let place = "CPU \(data.cpu.rawValue), byte \(data.offset)"
    guard data.offset < UInt64(file.count) else {
      ledger.note(
        .damaged, 1, "\(place): its \(data.size) bytes lie beyond the file's \(file.count)")
      return nil
    }
    let left = UInt64(file.count) - data.offset
    if let compression = data.compression {
      return file.part(Int(data.offset), Int(left)).map {
        CPUPages(
          cpu: data.cpu, offset: data.offset, chunksIn: $0, stated: data.size, compression,
          pageSize: pageSize, layout: header.pageLayout, isBigEndian: header.isBigEndian, &ledger)
      }
    }
    if data.size > left {
      ledger.note(.damaged, 1, "\(place): expected \(data.size) bytes, found \(left)")
    }
    return file.part(Int(data.offset), Int(min(data.size, left))).map {
      CPUPages(
        cpu: data.cpu, offset: data.offset, bytes: $0, pageSize: pageSize,
        layout: header.pageLayout, isBigEndian: header.isBigEndian)
    }
  }

  private static func description(
    _ path: String, _ header: TraceDatHeader, _ options: TraceDatOptions,
    _ clock: TraceDescription.Clock, _ layouts: EventLayouts
  ) -> TraceDescription {
    var description = TraceDescription(
      path: Untrusted(path), format: header.format, clock: clock,
      cpus: header.leading?.cpus.count ?? 0)
    let facts = options.facts
    description.facts = facts
    description.kernel = options.kernel.map { Untrusted($0) } ?? facts.map(\.kernel)
    description.arch = options.arch.map { Untrusted($0) } ?? facts.map(\.arch)
    // The counts are those of the top buffer.
    if facts?.isCutOff != true, header.buffers.count == 1 {
      description.countedEvents = options.counted
    }
    description.decisionsAreRecorded =
      layouts.decision == nil ? false : facts == nil ? nil : true
    description.wakeupsAreRecorded = layouts.wakeup == nil ? false : facts == nil ? nil : true
    description.instances = header.buffers.map { Untrusted($0.name) }.filter { !$0.isEmpty }
    description.hasValidField = layouts.wakeup.map { $0.valid != nil } ?? true
    description.hasSchedulerEvents =
      facts?.hasSchedulerEvents ?? (layouts.waking != nil && layouts.switched != nil)
    description.mayShowGuestIdles = layouts.mayShowGuestIdles
    description.vcpus = (facts?.vcpus ?? []) + options.guests
    description.processes = options.processes
    if let names = header.names { description.names = Self.names(names.text) }
    return description
  }

  /// Threads' names from `pid comm` lines; names may contain spaces.
  private static func names(_ text: String) -> [ThreadID: Untrusted] {
    var names: [ThreadID: Untrusted] = [:]
    for line in text.split(whereSeparator: { $0 == "\n" || $0 == "\0" }) {
      // A combining mark behind it makes another character of it.
      guard let space = line.utf8.firstIndex(of: UInt8(ascii: " ")),
        let thread = Int32(line[..<space])
      else {
        continue
      }
      names[ThreadID(thread)] = Untrusted(String(line[line.utf8.index(after: space)...]))
    }
    return names
  }

  /// The clock in brackets, and whether it counts nanoseconds.
  private static func clock(
    _ header: TraceDatHeader, _ options: TraceDatOptions
  ) -> TraceDescription.Clock {
    let lines = [header.leading?.clock, options.clocks, header.clocks].compactMap(\.self)
    let line = lines.first { !$0.isEmpty } ?? ""
    var name = TraceDatHeader.clockName(line).map { Untrusted($0) } ?? options.facts?.clock ?? ""
    if name.isEmpty { name = "local" }
    let isTime =
      switch name.unescaped {
      case "counter", "uptime", "global_counter", "ppc-tb": false
      case "x86-tsc", "tsc2nsec": options.scale != nil
      default: true
      }
    return .init(name: name, isTime: isTime)
  }

  var begin: Timestamp? {
    let workspace = Compression.Workspace()
    return pages.filter { $0.count > 0 }.map { pages in
      var cache = ChunkCache(workspace)
      return clock.time(pages.time(of: 0, &cache))
    }.min()
  }

  var end: Timestamp? {
    let workspace = Compression.Workspace()
    return pages.filter { $0.count > 0 }.compactMap { pages in
      var cache = ChunkCache(workspace)
      return pages.page(pages.count - 1, &cache).flatMap(\.lastStamp).map(clock.time)
    }.max()
  }

  func signs() -> VMSigns {
    var signs = VMSigns()
    for pages in pages {
      var cache = ChunkCache(Compression.Workspace())
      for number in 0..<pages.count {
        guard let page = pages.page(number, &cache) else { continue }
        if page.isBigEndian {
          note(page, BigEndian.self, in: &signs)
        } else {
          note(page, LittleEndian.self, in: &signs)
        }
      }
    }
    return signs
  }

  private func note<Order: ByteOrder>(
    _ page: RingBufferPage, _ order: Order.Type, in signs: inout VMSigns
  ) {
    var (position, stamp) = (page.dataOffset, page.time)
    while true {
      switch page.step(&position, &stamp, order) {
      case .record(let start, _):
        let type = layouts.typeNumber(page.bytes, start, order)
        signLayouts.note(type, page.bytes, start, order, in: &signs)
      case .filler: continue
      case .end, .damage: return
      }
    }
  }

  var size: Int { pages.reduce(0) { $0 + $1.count * $1.pageSize } }

  func moments(every wanted: Int) -> [Timestamp] {
    let total = pages.reduce(0) { $0 + $1.count }
    let count = total / max(1, wanted)
    guard count > 1 else { return [] }
    // Compressed, a time is dear: a chunk is decompressed to find it.
    let isCompressed = pages.contains { $0.compression != nil }
    let step = max(1, total / (isCompressed ? min(256, count) : count * 4))
    let found = Mutex([Timestamp]())
    DispatchQueue.concurrentPerform(iterations: pages.count) { number in
      let some = self.times(every: step, in: pages[number])
      found.withLock { $0 += some }
    }
    let times = found.withLock(\.self).sorted()
    guard !times.isEmpty else { return [] }
    return Set((1..<count).map { Self.time(at: Double($0) / Double(count), in: times) }).sorted()
  }

  /// When pages begin that are `step` pages apart.
  private func times(every step: Int, in cpu: CPUPages) -> [Timestamp] {
    var cache = ChunkCache(Compression.Workspace())
    return cpu.samples(every: step).map { clock.time(cpu.time(of: $0, &cache)) }
  }

  /// The time at `share` of `times`, which are in order; between two of them in proportion.
  private static func time(at share: Double, in times: [Timestamp]) -> Timestamp {
    let place = share * Double(times.count - 1)
    let (before, after) = (times[Int(place)], times[min(Int(place) + 1, times.count - 1)])
    let part = (place - place.rounded(.down)) * Double((after - before).rawValue)
    return before + Nanoseconds(UInt64(part))
  }

  var sourceCount: Int { pages.count }

  func source(_ number: Int) -> sending any EventSource {
    EventCursor(pages[number], clock, layouts, isCutOff: isCutOff)
  }
}

extension TraceDatHeader {
  /// What every trace.dat begins with.
  static let magic: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)

  /// The header of a trace.dat, whatever its version.
  static func read(_ file: Bytes, path: String) throws(TraceFileError) -> TraceDatHeader {
    let at = magic.count
    guard let end = file.firstIndex(of: 0, from: at), end - at < 16 else {
      throw TraceFileError(
        path: path, offset: at,
        problem: .cutOff(
          section: "the version", needed: 2, left: UInt64(max(0, file.count - at))))
    }
    guard file.count >= end + 7 else {
      throw TraceFileError(
        path: path, offset: end + 1,
        problem: .cutOff(
          section: "the header", needed: 6, left: UInt64(max(0, file.count - end - 1))))
    }
    let version = file.part(at, end - at)?.text ?? ""
    switch version {
    case "7": return try TraceDatVersion7.header(file, path: path, from: end + 1)
    case "6": return try TraceDatVersion6.header(file, path: path, from: end + 1)
    default:
      throw TraceFileError(
        path: path, offset: at, problem: .unknownVersion(Untrusted(version)))
    }
  }
}
