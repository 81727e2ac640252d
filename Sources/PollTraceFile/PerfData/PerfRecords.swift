internal import PollTrace

/// Takes the records of a perf.data one after the other and keeps the events in them.
///
/// Events of one CPU come in order but for those that interrupts put between, CPUs come in turns:
/// each CPU has a stream, which is put in order at the end.
struct PerfRecords {
  private(set) var header: PerfHeader
  /// Where the samples lie, as long as they can be read again there; else the events themselves.
  private var places = PerfOffsets()
  private var store = EventStore()
  private var isIndexing: Bool
  private var tally = ReadTally()
  private(set) var tasks = PerfTasks()
  private(set) var notes = BoundedNotes()
  private let path: String
  private let isBigEndian: Bool
  private let file: Bytes
  /// Which file beside it is being read, as messages begin: nothing for the file itself.
  private var part = ""

  /// How the records of the tracepoints are laid out, and whether the formats are known.
  private var layouts: RecordLayouts
  private var hasLayouts = false
  /// What samples that say nothing about halts tell of VMs.
  private var signLayouts = SignLayouts()
  private var signs = VMSigns()
  /// The stream of each CPU, -1 for none yet.
  private var streamOfCPU: [Int32] = []
  /// For how many events there may be need of room yet: memory is taken at once, and used as needed.
  private var room: Int
  private var losses = PerfLosses()
  private var event = Event(
    time: Timestamp(0), cpu: CPU(0), subject: .idle, what: .lost, value: 0, number: 0, flag: false,
    isValid: true)
  /// Counts events of which no time was recorded.
  private var moment: UInt64 = 0
  /// Whether events came since perf last said that a round of reading was over.
  private var isInRound = false
  /// Whether something was decompressed.
  private var hasInflated = false
  private var isFinished = true

  private var inflation: PerfInflation?

  init(_ header: PerfHeader, _ file: Bytes, path: String) {
    self.header = header
    self.file = file
    self.path = path
    isBigEndian = header.isBigEndian
    layouts = RecordLayouts(EventLayouts(), isBigEndian: header.isBigEndian)
    // A sample with its event takes 72 bytes or more.
    room = header.data.count / 72
    // What is compressed, or lies in other files, cannot be read again one by one.
    isIndexing = !header.features.isCompressed && !header.features.isIndex
    learnFormats()
  }

  /// Reads all records of the file, and then those of `parts` beside it.
  mutating func readAll(and parts: [(name: String, records: Bytes)]) throws(TraceFileError) {
    guard let data = file.part(0, header.data.upperBound) else { return }
    try readAll(data, from: header.data.lowerBound)
    for (name, records) in parts {
      part = "\(name), "
      // Each was compressed by itself.
      inflation = nil
      try readAll(records, from: 0)
    }
    finish()
  }

  private mutating func readAll(_ data: Bytes, from start: Int) throws(TraceFileError) {
    let end =
      isBigEndian
      ? try read(data, from: start, BigEndian.self) : try read(data, from: start, LittleEndian.self)
    if end < data.count {
      isFinished = false
      notes.note(
        "\(part)byte \(end): expected a whole record, found \(data.count - end) bytes before the end"
      )
    }
    if let inflation, inflation.left > 0 {
      isFinished = false
      notes.note("\(part)the end: expected a whole record, found \(inflation.left) bytes of it")
    }
  }

  private mutating func finish() {
    for loss in losses.rest() { append(loss) }
    tally.lostOnAnyCPU = losses.beyond
    tally.ledger.merge(notes.ledger)
    // In a file the header says how long the data are.
    if isFinished, header.isPipe, isInRound {
      tally.ledger.note(.unfinished, 1, "the data end in the middle of a round of reading")
    }
    if header.features.isCompressed, !hasInflated {
      tally.ledger.note(.damaged, 1, "expected compressed records, found none")
    }
    checkSpan()
    store.tally = tally
    store.finish()
  }

  private func streams(of places: PerfOffsets) -> PerfStreams {
    PerfStreams(
      places: places, tally: tally, file: file, attributes: header.attributes, layouts: layouts,
      isBigEndian: isBigEndian)
  }

  /// The trace that was read.
  func trace(_ description: TraceDescription, ledger: Ledger) -> any TraceReader {
    guard isIndexing else {
      return StoredTrace(store, description, ledger: ledger, signs: signs)
    }
    var streams = streams(of: places)
    streams.putInOrder()
    return StoredTrace(streams, description, ledger: ledger, signs: signs)
  }

  /// Compares the samples' times with what perf says of them; 0 where it does not know.
  private mutating func checkSpan() {
    guard let span = header.features.span, span.last > Timestamp(0) else { return }
    let (first, last) = (tally.first, tally.last)
    if let first, let last, first <= span.first, last >= span.last { return }
    func words(_ time: Timestamp?) -> String { time.map { "\($0.rawValue)" } ?? "none" }
    tally.ledger.note(
      .damaged, 1,
      "samples: expected times from \(span.first.rawValue) to \(span.last.rawValue), found "
        + "\(words(first)) to \(words(last))")
  }

  /// The formats say how records are laid out.
  private mutating func learnFormats() {
    guard let tracing = header.features.tracing else { return }
    layouts = RecordLayouts(tracing.layouts, isBigEndian: tracing.isBigEndian)
    signLayouts = tracing.signs
    hasLayouts = true
  }

  /// How many CPUs have events.
  var cpus: Int { streamOfCPU.count { $0 >= 0 } }
}

extension PerfRecords {
  /// Reads the records in `bytes` from `start` on; gives back where one begins that is not whole.
  ///
  /// `origin` is the byte of the file of which messages speak, where `bytes` are not the file's own.
  private mutating func read<Order: ByteOrder>(
    _ bytes: Bytes, from start: Int, origin: Int? = nil, _ order: Order.Type
  ) throws(TraceFileError) -> Int {
    var position = start
    while position &+ 8 <= bytes.count {
      let kind = Order.native(bytes.load(position, as: UInt32.self))
      let size = Int(Order.native(bytes.load(position &+ 6, as: UInt16.self)))
      let end = position &+ size
      guard size >= 8, PerfRecordKind.isKnown(kind) else {
        if origin == nil, AnotherRecording.begins(bytes, at: position) {
          throw TraceFileError(path: path, offset: position, problem: .severalRecordings)
        }
        let next = PerfRecordKind.resume(bytes, from: position, order)
        notes.note(
          "\(part)byte \(origin ?? position): expected a record, found kind \(kind) of \(size) bytes; "
            + "\(next - position) bytes passed over")
        losses.breakOff()
        position = next
        continue
      }
      guard end <= bytes.count else { return position }
      if kind == PerfRecordKind.sample {
        readSample(bytes, position, end, origin, order)
        position = end
      } else {
        position = try readOther(kind, bytes, position, end, origin, order)
      }
    }
    return position
  }

  @inline(__always)
  private mutating func readSample<Order: ByteOrder>(
    _ bytes: Bytes, _ start: Int, _ end: Int, _ origin: Int?, _ order: Order.Type
  ) {
    guard hasLayouts, let sample = header.attributes.sample(bytes, start, end, order) else {
      return noteSample(bytes, start, end, origin, order)
    }
    if sample.hasTime {
      event.time = Timestamp(sample.time)
    } else {
      moment &+= 1
      event.time = Timestamp(moment)
    }
    event.cpu = CPU(sample.cpu)
    isInRound = true
    if losses.areWaiting {
      for loss in losses.before(event.time, on: event.cpu) { append(loss) }
    }
    tally.see(event.time)
    if isIndexing {
      if origin == nil, sample.hasTime, PerfOffsets.holds(start) {
        guard layouts.hasEvent(bytes, sample.event, sample.length, order) else {
          return noteSign(bytes, sample.event, order)
        }
        return places.append(start, at: sample.time, stream: stream(of: Int(sample.cpu)))
      }
      keepEvents()
    }
    if layouts.read(&event, bytes, sample.event, sample.length, order) {
      store.append(event, stream: stream(of: Int(sample.cpu)))
    } else {
      noteSign(bytes, sample.event, order)
    }
  }

  private mutating func noteSign<Order: ByteOrder>(
    _ bytes: Bytes, _ start: Int, _ order: Order.Type
  ) {
    signLayouts.note(
      layouts.typeNumber(bytes, start, order), bytes, start, order, in: &signs)
  }

  /// Notes a sample that cannot be read.
  @inline(never)
  private mutating func noteSample<Order: ByteOrder>(
    _ bytes: Bytes, _ start: Int, _ end: Int, _ origin: Int?, _ order: Order.Type
  ) {
    let problem =
      hasLayouts
      ? header.attributes.problem(bytes, start, end, order)
      : "a sample before the formats of events"
    if let problem {
      notes.note("\(part)byte \(origin ?? start): \(problem)")
      losses.breakOff()
    }
  }

  /// From here on the events are kept themselves, and those so far as well: they cannot be read again.
  private mutating func keepEvents() {
    isIndexing = false
    let streams = streams(of: places)
    for (stream, count) in streams.counts.enumerated() {
      _ = store.addStream(capacity: count)
      var batch = EventBatch()
      streams.append(0..<count, of: stream, to: &batch)
      for index in 0..<batch.count { store.append(batch.room[index], stream: stream) }
    }
    places = PerfOffsets()
  }

  /// The stream of a CPU's events.
  @inline(__always)
  private mutating func stream(of cpu: Int) -> Int {
    if cpu < streamOfCPU.count, streamOfCPU[cpu] >= 0 { return Int(streamOfCPU[cpu]) }
    return addStream(of: cpu)
  }

  @inline(never)
  private mutating func addStream(of cpu: Int) -> Int {
    if cpu >= streamOfCPU.count {
      streamOfCPU += repeatElement(-1, count: cpu + 1 - streamOfCPU.count)
    }
    let capacity = min(room, header.data.count / 72 / max(1, header.features.cpus ?? 1))
    room -= capacity
    let stream =
      isIndexing ? places.addStream(capacity: capacity) : store.addStream(capacity: capacity)
    streamOfCPU[cpu] = Int32(stream)
    return stream
  }

  private mutating func append(_ loss: Event) {
    if case .lost(let count) = loss.kind, let count {
      tally.lose(count, on: loss.cpu)
    }
    let stream = stream(of: Int(min(loss.cpu.rawValue, 0xffff)))
    if isIndexing {
      places.append(loss, stream: stream)
    } else {
      store.append(loss, stream: stream)
    }
  }
}

extension PerfRecords {
  /// Reads a record that is no sample; gives back where the next one begins.
  private mutating func readOther<Order: ByteOrder>(
    _ kind: UInt32, _ bytes: Bytes, _ start: Int, _ end: Int, _ origin: Int?, _ order: Order.Type
  ) throws(TraceFileError) -> Int {
    func word(_ offset: Int) -> UInt32 {
      offset + 4 <= end - start ? Order.native(bytes.load(start + offset, as: UInt32.self)) : 0
    }
    func number(_ offset: Int) -> UInt64 {
      offset + 8 <= end - start ? Order.native(bytes.load(start + offset, as: UInt64.self)) : 0
    }
    func thread(_ offset: Int) -> ThreadID { ThreadID(Int32(bitPattern: word(offset))) }
    func process(_ offset: Int) -> ProcessID { ProcessID(Int32(bitPattern: word(offset))) }
    /// The content from `offset` on.
    func content(_ offset: Int) -> Bytes {
      let from = min(start + offset, end)
      return bytes.part(from, end - from) ?? bytes
    }
    /// How many bytes of the file follow the record and belong to it.
    func following(_ size: UInt64) throws(TraceFileError) -> Int {
      guard origin == nil, size <= UInt64(bytes.count - end) else {
        throw TraceFileError(
          path: path, offset: origin ?? end,
          problem: .cutOff(
            section: "what belongs to record \(kind)", needed: size,
            left: UInt64(bytes.count - end)))
      }
      return Int(size)
    }
    switch kind {
    case PerfRecordKind.comm:
      tasks.call(
        thread(12), String(content(16).text.prefix { $0 != "\0" }.prefix(16)), of: process(8))
    case PerfRecordKind.fork: tasks.fork(thread(16), of: process(8), by: thread(20))
    case PerfRecordKind.lost: readLost(id: number(8), count: number(16), bytes, start, end, order)
    case PerfRecordKind.lostSamples: losses.state(number(8))
    case PerfRecordKind.finishedRound:
      isInRound = false
    case PerfRecordKind.attribute:
      let size = max(PerfAttribute.leastSize, Int(word(12)))
      guard let part = content(8).part(0, size),
        let attribute = PerfAttribute(part, isBigEndian: isBigEndian)
      else {
        notes.note("\(part)byte \(origin ?? start): an attribute that is not whole")
        break
      }
      try header.add(attribute, ids: content(8 + size), path, at: origin ?? start)
    case PerfRecordKind.feature:
      try header.take(Int(clamping: number(8)), content(16), at: origin ?? start + 16, path)
    case PerfRecordKind.tracingData:
      let size = try following(UInt64(word(8)))
      try header.take(1, bytes.part(end, size) ?? bytes, at: end, path)
      learnFormats()
      return end + size
    case PerfRecordKind.auxTrace: return end + (try following(number(8)))
    case PerfRecordKind.compressed where origin == nil:
      try inflate(content(8), at: start, order)
    case PerfRecordKind.compressed2 where origin == nil:
      try inflate(content(16).part(0, Int(clamping: number(8))) ?? content(16), at: start, order)
    default: break
    }
    return end
  }

  /// Reads a record of a loss, whose CPU and time stand in its trailer.
  private mutating func readLost<Order: ByteOrder>(
    id: UInt64, count: UInt64, _ bytes: Bytes, _ start: Int, _ end: Int, _: Order.Type
  ) {
    guard !header.attributes.layouts.isEmpty else { return }
    let layout = header.attributes.layouts[header.attributes.layout(ofID: id) ?? 0]
    var cpu: CPU?
    var time = tally.last ?? Timestamp(0)
    if layout.trailerCPU > 0, end - start >= 24 + layout.trailerCPU {
      cpu = CPU(Order.native(bytes.load(end - layout.trailerCPU, as: UInt32.self)))
    }
    if layout.trailerTime > 0, end - start >= 24 + layout.trailerTime {
      time = Timestamp(Order.native(bytes.load(end - layout.trailerTime, as: UInt64.self)))
    }
    losses.add(count, on: cpu, at: time)
  }

  /// Decompresses what a record holds and reads the records in it, as far as they are whole.
  private mutating func inflate<Order: ByteOrder>(
    _ packed: Bytes, at place: Int, _ order: Order.Type
  ) throws(TraceFileError) {
    var inflation = self.inflation ?? PerfInflation(most: Compression.most(of: file.count))
    self.inflation = nil
    var position = 0
    var isGoing = true
    while isGoing {
      let bytes = inflation.next(packed, &position)
      if let bytes {
        hasInflated = true
        inflation.drop(try read(bytes, from: 0, origin: place, order))
      }
      if let problem = inflation.problem {
        notes.note("\(part)byte \(place): \(problem)")
        losses.breakOff()
      }
      isGoing = bytes != nil && inflation.problem == nil
    }
    self.inflation = inflation
  }
}
