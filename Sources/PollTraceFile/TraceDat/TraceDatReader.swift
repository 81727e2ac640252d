internal import Dispatch
internal import PollTrace
internal import Synchronization

/// A trace.dat of any version, its pages read in place.
final class TraceDatReader: TraceReader {
  let description: TraceDescription
  let ledger: Ledger
  let statedLosses: [CPU: UInt64]
  private let layouts: RecordLayouts
  private let clock: ClockConversion
  /// Of all buffers, in order of CPU.
  private let pages: [CPUPages]
  /// Whether slices of time can be cut.
  private let isInOrder: Bool

  /// The trace in `file`; `opening` says what was wrong with the file around it.
  init(_ file: Bytes, path: String, _ opening: Ledger) throws(TraceFileError) {
    let header = try TraceDatHeader.read(file, path: path)
    let options = TraceDatOptions(header)
    var layouts = EventLayouts()
    for (system, text) in header.formats where system == "kvm" || system == "sched" {
      layouts.add(text.text, system: system)
    }
    self.layouts = RecordLayouts(layouts, isBigEndian: header.isBigEndian)
    let clock = Self.clock(header, options)
    self.clock = ClockConversion(
      scale: clock.isTime || options.scale == nil ? options.scale : nil, offset: options.timeOffset)
    var ledger = opening
    ledger.merge(header.ledger)
    ledger.merge(options.ledger)
    ledger.merge(layouts.ledger)
    let buffers = header.buffers
    pages = Self.pages(of: buffers, header, file, &ledger)
    isInOrder = Self.areInOrder(pages)
    if !isInOrder { ledger.note(.timeRunsBackwards, 1, "pages are not in order of time") }
    self.ledger = ledger
    statedLosses = options.losses
    description = Self.description(path, header, options, clock, layouts)
  }

  /// Whether the pages of each CPU are in order of time, looked at on all threads: it touches every
  /// page of the file.
  private static func areInOrder(_ pages: [CPUPages]) -> Bool {
    let disordered = Atomic(false)
    DispatchQueue.concurrentPerform(iterations: pages.count) { index in
      if !pages[index].isInOrder { disordered.store(true, ordering: .relaxed) }
    }
    return !disordered.load(ordering: .relaxed)
  }

  /// The pages of each CPU, as far as they lie inside the file.
  private static func pages(
    of buffers: [TraceDatHeader.Buffer], _ header: TraceDatHeader, _ file: Bytes,
    _ ledger: inout Ledger
  ) -> [CPUPages] {
    var pages: [CPUPages] = []
    for buffer in buffers {
      guard (64...1 << 24).contains(buffer.pageSize) else {
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
          cpu: data.cpu, offset: data.offset, chunksIn: $0, compression, pageSize: pageSize,
          layout: header.pageLayout, isBigEndian: header.isBigEndian, &ledger)
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
      path: path, format: header.format, clock: clock, cpus: header.buffers.first?.cpus.count ?? 0)
    let facts = options.facts
    description.facts = facts
    description.kernel = options.kernel ?? facts.map(\.kernel)
    description.arch = options.arch ?? facts.map(\.arch)
    description.instances = header.buffers.map(\.name).filter { !$0.isEmpty }
    description.hasValidField = layouts.wakeup.map { $0.valid != nil } ?? true
    description.hasSchedulerEvents =
      facts?.hasSchedulerEvents ?? (layouts.waking != nil && layouts.switched != nil)
    description.vcpus = (facts?.vcpus ?? []) + options.guests
    description.processes = options.processes
    if let names = header.names { description.names = Self.names(names.text) }
    return description
  }

  /// Threads' names from `pid comm` lines; names may contain spaces.
  private static func names(_ text: String) -> [ThreadID: String] {
    var names: [ThreadID: String] = [:]
    for line in text.split(whereSeparator: { $0 == "\n" || $0 == "\0" }) {
      guard let space = line.firstIndex(of: " "), let thread = Int32(line[..<space]) else {
        continue
      }
      names[ThreadID(thread)] = String(line[line.index(after: space)...])
    }
    return names
  }

  /// The clock in brackets, and whether it counts nanoseconds.
  private static func clock(
    _ header: TraceDatHeader, _ options: TraceDatOptions
  ) -> TraceDescription.Clock {
    let lines = [header.buffers.first?.clock, options.clocks, header.clocks].compactMap(\.self)
    let line = lines.first { !$0.isEmpty } ?? ""
    var name = options.facts?.clock ?? ""
    if let open = line.firstIndex(of: "["), let close = line[open...].firstIndex(of: "]") {
      name = String(line[line.index(after: open)..<close])
    } else if !line.isEmpty, !line.contains(" ") {
      name = line.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    }
    if name.isEmpty { name = "local" }
    let isTime =
      switch name {
      case "counter", "uptime", "global_counter", "ppc-tb": false
      case "x86-tsc", "tsc2nsec": options.scale != nil
      default: true
      }
    return .init(name: name, isTime: isTime)
  }

  var begin: Timestamp? {
    var cache = ChunkCache()
    return pages.filter { $0.count > 0 }.map { pages in
      cache = ChunkCache()
      return clock.time(pages.time(of: 0, &cache))
    }.min()
  }

  func slices(atMost count: Int) -> [TraceSlice] {
    let total = pages.reduce(0) { $0 + $1.count }
    // The events of a slice wait until it is read: those of 32 pages stay in the CPU's caches.
    let wanted = min(count, total / 32)
    guard isInOrder, wanted > 1 else { return [.everything] }
    let step = max(1, total / (wanted * 4))
    var times: [Timestamp] = []
    for cpu in pages {
      var cache = ChunkCache()
      for page in stride(from: 0, to: cpu.count, by: step) {
        times.append(clock.time(cpu.time(of: page, &cache)))
      }
    }
    times.sort()
    var cuts = (1..<wanted).map { times[$0 * times.count / wanted] }
    cuts = [Timestamp(0)] + Set(cuts).sorted().filter { $0 > Timestamp(0) } + [Timestamp(.max)]
    return zip(cuts, cuts.dropFirst()).map { TraceSlice(from: $0, to: $1) }
  }

  func read(_ slice: TraceSlice, _ take: (Span<Event>) -> Void) -> ReadTally {
    var batch = EventBatch()
    return cursors(from: slice.from).reduce(into: ReadTally()) { tally, cursor in
      var cursor = cursor
      cursor.read(until: slice.to, into: &batch)
      take(batch.span)
      batch.removeAll()
      tally.merge(cursor.tally)
    }
  }

  func read(_ slices: ArraySlice<TraceSlice>, into tracks: inout HostTracks) -> ReadTally {
    var cursors = cursors(from: slices.first?.from ?? Timestamp(0))
    var batch = EventBatch()
    for slice in slices {
      for index in cursors.indices { cursors[index].read(until: slice.to, into: &batch) }
      if batch.count < tracks.fewEvents, slice != slices.last { continue }
      tracks.take(batch.span)
      batch.removeAll()
    }
    return cursors.reduce(into: ReadTally()) { $0.merge($1.tally) }
  }

  private func cursors(from: Timestamp) -> [EventCursor] {
    pages.map { EventCursor($0, clock, layouts, from: from) }
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
    default: throw TraceFileError(path: path, offset: at, problem: .unknownVersion(version))
    }
  }
}
