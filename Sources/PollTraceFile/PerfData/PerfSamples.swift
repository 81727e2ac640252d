internal import PollTrace

/// Takes samples apart as their attribute says, and their raw bytes as the tracepoint's format does.
struct PerfSamples {
  private let isBigEndian: Bool
  private var layouts = EventLayouts()
  private var records: RecordLayouts?
  private var places: [PerfAttribute.Places] = []
  private var attributes: [PerfAttribute] = []
  private var ids: [UInt64: Int] = [:]
  /// Where a sample's id lies; nil where there is one attribute only, or none has ids.
  private var idPlace: Int?
  private var trailer: (time: Int?, cpu: Int?) = (nil, nil)

  private var placeOfCPU: [CPU: Int] = [:]
  private var lastCPU: (cpu: CPU, place: Int)?
  /// By CPU.
  private(set) var events: [[Event]] = []
  private(set) var tally = ReadTally()
  private(set) var ledger = Ledger()
  private(set) var names: [ThreadID: String] = [:]
  private(set) var processes: [ThreadID: ProcessID] = [:]
  private var lastThread: ThreadID?

  init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

  var hasFormats: Bool { layouts.wakeup != nil || layouts.decision != nil }
  var hasValidField: Bool { layouts.wakeup.map { $0.valid != nil } ?? true }
  var hasSchedulerEvents: Bool { layouts.waking != nil && layouts.switched != nil }

  /// Takes in the formats of the tracepoints.
  mutating func take(formats data: Bytes, path: String) {
    do {
      let found = try TraceDatVersion6.formats(in: data, path: path)
      for (system, text) in found.formats where system == "kvm" || system == "sched" {
        layouts.add(text.text, system: system)
      }
      records = RecordLayouts(layouts, isBigEndian: isBigEndian)
    } catch {
      ledger.note(.damaged, 1, error.problem.explanation)
    }
  }

  /// Takes in what the header knows of attributes by now.
  mutating func prepare(_ header: PerfHeader) {
    attributes = header.attributes
    places = attributes.map(\.places)
    ids = header.ids
    trailer = attributes.first?.trailer ?? (nil, nil)
    idPlace = nil
    guard attributes.count > 1, let first = attributes.first else { return }
    if first.fields.contains(.identifier) {
      idPlace = 8
    } else if first.fields.contains(.id) {
      let before: [PerfAttribute.Fields] = [.instruction, .thread, .time, .address]
      idPlace = 8 + 8 * before.filter { first.fields.contains($0) }.count
    }
  }

  private func load<Value: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: Bytes, _ at: Int, _: Value.Type = Value.self
  ) -> Value {
    let value = bytes.load(at, as: Value.self)
    return isBigEndian ? Value(bigEndian: value) : Value(littleEndian: value)
  }

  /// Takes in `PERF_RECORD_SAMPLE`.
  mutating func add(sample bytes: Bytes, _ start: Int, _ size: Int) {
    tally.events &+= 1
    var which = 0
    if let idPlace, idPlace + 8 <= size {
      guard let found = ids[load(bytes, start + idPlace, UInt64.self)] else { return }
      which = found
    }
    guard which < attributes.count, attributes[which].fields.contains(.raw), let records else {
      return
    }
    let places = places[which]
    guard let timePlace = places.time, let raw = raw(bytes, start, size, which) else { return }
    let time = Timestamp(load(bytes, start + timePlace))
    if tally.first.map({ time < $0 }) ?? true { tally.first = time }
    if tally.last.map({ time > $0 }) ?? true { tally.last = time }
    let cpu = CPU(places.cpu.map { load(bytes, start + $0, UInt32.self) } ?? 0)
    var event = Event(time: time, cpu: cpu, thread: .idle, kind: .lost(count: nil))
    let isRead =
      isBigEndian
      ? records.read(&event, bytes, raw.lowerBound, raw.count, BigEndian.self)
      : records.read(&event, bytes, raw.lowerBound, raw.count, LittleEndian.self)
    guard isRead else { return }
    if event.what == .wakeup || event.what == .decision, lastThread != event.subject,
      let place = places.thread
    {
      lastThread = event.subject
      if processes[event.subject] == nil {
        let process = load(bytes, start + place, Int32.self)
        if process > 0 { processes[event.subject] = ProcessID(process) }
      }
    }
    append(event)
  }

  private mutating func append(_ event: Event) {
    if let lastCPU, lastCPU.cpu == event.cpu {
      events[lastCPU.place].append(event)
      return
    }
    let place = placeOfCPU[event.cpu] ?? events.count
    if place == events.count {
      placeOfCPU[event.cpu] = place
      events.append([])
    }
    lastCPU = (event.cpu, place)
    events[place].append(event)
  }

  /// The raw bytes of a sample, behind counts and a call chain of varying length.
  private func raw(_ bytes: Bytes, _ start: Int, _ size: Int, _ which: Int) -> Range<Int>? {
    let attribute = attributes[which]
    var at = places[which].rest
    if attribute.fields.contains(.counts) {
      // One bit each for two times, the id and the lost count of a value, and for a group of values.
      let format = attribute.readFormat
      let each = 1 + Int(format >> 2 & 1) + Int(format >> 4 & 1)
      let times = Int(format & 1) + Int(format >> 1 & 1)
      if format >> 3 & 1 == 1 {
        let values = load(bytes, start + at, UInt64.self)
        guard values <= UInt64(size) else { return nil }
        at += 8 * (1 + times + Int(values) * each)
      } else {
        at += 8 * (times + each)
      }
    }
    if attribute.fields.contains(.callChain) {
      guard at + 8 <= size else { return nil }
      let entries = load(bytes, start + at, UInt64.self)
      guard entries <= UInt64(size) else { return nil }
      at += 8 * (1 + Int(entries))
    }
    guard at + 4 <= size else { return nil }
    let length = Int(load(bytes, start + at, UInt32.self))
    guard length <= size - at - 4 else { return nil }
    return start + at + 4..<start + at + 4 + length
  }

  /// Takes in `PERF_RECORD_LOST` (id, count) or `PERF_RECORD_LOST_SAMPLES` (count).
  mutating func add(loss bytes: Bytes, _ start: Int, _ size: Int, _ kind: UInt32) {
    let at = kind == PerfRecords.Kind.lost ? 16 : 8
    guard at + 8 <= size else { return }
    let count = load(bytes, start + at, UInt64.self)
    guard count > 0 else { return }
    let cpu = CPU(trailer.cpu.map { load(bytes, start + size - $0, UInt32.self) } ?? 0)
    let time = trailer.time.map { Timestamp(load(bytes, start + size - $0)) } ?? tally.last
    tally.lost[cpu, default: 0] &+= count
    append(
      Event(
        time: time ?? Timestamp(0), cpu: cpu, thread: .idle, kind: .lost(count: count)))
  }

  /// Takes in `PERF_RECORD_COMM`: process, thread and name.
  mutating func add(name bytes: Bytes, _ start: Int, _ size: Int) {
    guard size > 16, let text = bytes.part(start + 16, min(16, size - 16)) else { return }
    let thread = ThreadID(load(bytes, start + 12, Int32.self))
    names[thread] = String(text.text.prefix { $0 != "\0" })
    let process = load(bytes, start + 8, Int32.self)
    if process > 0 { processes[thread] = ProcessID(process) }
  }

  /// Puts each CPU's events in order of time; false where some were not, losses apart.
  mutating func order() -> Bool {
    var isInOrder = true
    for place in events.indices {
      let times = events[place].lazy.map(\.time)
      guard !zip(times, times.dropFirst()).allSatisfy({ $0 <= $1 }) else { continue }
      let own = events[place].filter { $0.what != .lost }.map(\.time)
      if !zip(own, own.dropFirst()).allSatisfy({ $0 <= $1 }) { isInOrder = false }
      let numbered = events[place].enumerated().sorted {
        ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
      }
      events[place] = numbered.map(\.element)
    }
    return isInOrder
  }
}
