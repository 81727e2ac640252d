import PollTrace

/// One CPU's events as ring-buffer pages (linux kernel/trace/ring_buffer.c).
struct PageWriter {
  private let builder: TraceBuilder
  private let pageSize: Int
  private(set) var pages: [UInt8] = []
  private var page: ByteWriter
  private var last: UInt64 = 0
  private var missing: UInt64??
  private var isBegun = false

  init(_ builder: TraceBuilder) {
    self.builder = builder
    pageSize = builder.subBufferSize ?? builder.pageSize
    page = ByteWriter(isBigEndian: builder.isBigEndian)
  }

  /// All pages of `events` and `exits`, which are of one CPU and in order.
  static func pages(
    of events: [Event], _ exits: [TraceBuilder.Exit], _ builder: TraceBuilder
  ) -> [UInt8] {
    var writer = PageWriter(builder)
    var onPage = 0
    var exits = exits[...]
    for event in events {
      while let exit = exits.first, exit.time <= event.time.rawValue {
        writer.add(EventRecord.bytes(of: exit, builder), at: exit.time)
        exits.removeFirst()
      }
      if case .lost(let count) = event.kind {
        writer.turn()
        writer.begin(at: event.time.rawValue)
        writer.missing = .some(count)
        onPage = 0
        continue
      }
      if let most = builder.eventsPerPage, onPage >= most {
        writer.turn()
        onPage = 0
      }
      writer.add(event)
      onPage += 1
    }
    for exit in exits { writer.add(EventRecord.bytes(of: exit, builder), at: exit.time) }
    writer.turn()
    return writer.pages
  }

  private var headerSize: Int { 8 + builder.kernelLongSize }

  private mutating func begin(at time: UInt64) {
    isBegun = true
    page = ByteWriter(isBigEndian: builder.isBigEndian)
    page.add(time)
    page.add(Array(repeating: 0, count: builder.kernelLongSize))
    last = time
  }

  private mutating func add(_ event: Event) {
    add(EventRecord.bytes(of: event, builder), at: event.time.rawValue)
  }

  private mutating func add(_ record: [UInt8], at time: UInt64) {
    // Time, padding, a length word and, at the end, a count of lost events must find room.
    if isBegun, page.count + record.count + 48 > pageSize { turn() }
    if !isBegun { begin(at: time) }
    if builder.padsBetweenEvents, time > last {
      // A discarded event: it has a length and no meaning; its delta is never 0.
      page.add(header(type: 29, delta: 1))
      page.add(UInt32(12))
      page.add([UInt8](repeating: 0xaa, count: 8))
      last += 1
    }
    var delta = time - last
    switch builder.stamps {
    case .absolute:
      page.add(header(type: 31, delta: UInt32(time & 0x7ff_ffff)))
      page.add(UInt32(truncatingIfNeeded: time >> 27))
      delta = 0
    case .extends:
      page.add(header(type: 30, delta: UInt32(delta & 0x7ff_ffff)))
      page.add(UInt32(truncatingIfNeeded: delta >> 27))
      delta = 0
    case .deltas where delta >= 1 << 27:
      page.add(header(type: 30, delta: UInt32(delta & 0x7ff_ffff)))
      page.add(UInt32(truncatingIfNeeded: delta >> 27))
      delta = 0
    case .deltas: break
    }
    if builder.hasLengthWords {
      page.add(header(type: 0, delta: UInt32(delta)))
      page.add(UInt32(record.count + 4))
    } else {
      page.add(header(type: UInt32(record.count / 4), delta: UInt32(delta)))
    }
    page.add(record)
    last = time
  }

  /// The 32 bits that every record begins with; where the two parts lie depends on the byte order.
  private func header(type: UInt32, delta: UInt32) -> UInt32 {
    builder.isBigEndian ? type << 27 | delta : type | delta << 5
  }

  /// Ends the page.
  private mutating func turn() {
    guard isBegun else { return }
    isBegun = false
    var commit = UInt64(page.count - headerSize)
    if let missing {
      commit |= 1 << 31
      if let count = missing {
        commit |= 1 << 30
        if builder.kernelLongSize == 8 { page.add(count) } else { page.add(UInt32(count)) }
      }
    }
    missing = nil
    if builder.kernelLongSize == 8 {
      page.put(commit, at: 8)
    } else {
      page.put(UInt32(truncatingIfNeeded: commit), at: 8)
    }
    page.pad(to: pageSize)
    pages += page.bytes
  }
}

/// One event's bytes, as the formats of `EventFormats` say.
enum EventRecord {
  static func bytes(of exit: TraceBuilder.Exit, _ builder: TraceBuilder) -> [UInt8] {
    var record = ByteWriter(isBigEndian: builder.isBigEndian)
    record.add(EventFormats.exit)
    record.add([0, 0])
    record.add(exit.thread)
    // The reasons of another exit: an external interrupt, a data abort.
    let reasons: [TraceBuilder.Exit.Arch: (halt: UInt32, other: UInt32)] = [
      .arm64: (1, 0x24), .vmx: (12, 1), .svm: (0x78, 0x60),
    ]
    let reason = reasons[builder.exitArch] ?? (0, 0)
    record.add(exit.isHalt ? reason.halt : reason.other)
    if builder.exitArch != .arm64 { record.add(builder.exitArch.rawValue) }
    return record.bytes
  }

  static func bytes(of event: Event, _ builder: TraceBuilder) -> [UInt8] {
    var record = ByteWriter(isBigEndian: builder.isBigEndian)
    func begin(_ id: UInt16, thread: ThreadID, flags: UInt8 = 0) {
      record.add(id)
      record.add([flags, 0])
      record.add(thread.rawValue)
    }
    switch event.kind {
    case .wakeup(let block, let ending, let isValid):
      begin(EventFormats.wakeup, thread: event.thread)
      record.add(block.rawValue)
      let waited: UInt8 = ending == .slept ? 1 : 0
      record.add(builder.hasValidField ? [waited, isValid ? 1 : 0, 0, 0] : [waited, 0, 0, 0])
    case .decision(let decision):
      begin(EventFormats.decision, thread: event.thread)
      record.add([decision.move == .grow ? 1 : 0, 0, 0, 0])
      record.add(decision.vcpu)
      record.add(decision.new)
      record.add(decision.old)
    case .waking(let woken, let target, let context):
      begin(EventFormats.waking, thread: event.thread, flags: context == .interrupt ? 0x08 : 0)
      record.add(Array("vcpu".utf8) + Array(repeating: 0, count: 12))
      record.add(woken.rawValue)
      record.add(UInt32(120))
      record.add(target.rawValue)
    case .switched(let next, let stillRunnable):
      begin(EventFormats.switched, thread: event.thread)
      record.add(Array(repeating: 0, count: 16))
      record.add(event.thread.rawValue)
      record.add(UInt32(120))
      if builder.kernelLongSize == 8 {
        record.add(UInt64(stillRunnable ? 0 : 1))
      } else {
        record.add(UInt32(stillRunnable ? 0 : 1))
      }
      record.add(Array(repeating: 0, count: 16))
      record.add(next.rawValue)
      record.add(UInt32(120))
    case .guestDecision(let decision):
      begin(EventFormats.guestDecision, thread: .idle)
      record.add([decision.move == .grow ? 1 : 0, 0, 0, 0])
      record.add(decision.new)
      record.add(decision.old)
    case .idleEntered(let state):
      begin(EventFormats.idle, thread: .idle)
      record.add(state)
      record.add(event.cpu.rawValue)
    case .idleLeft(let hasWork):
      begin(EventFormats.idle, thread: .idle, flags: hasWork == true ? 0x04 : 0)
      record.add(UInt32.max)
      record.add(event.cpu.rawValue)
    case .interrupted(let target):
      begin(EventFormats.interrupt, thread: event.thread)
      record.add(target.rawValue)
    case .accepted(let sender, let vcpu):
      begin(EventFormats.acceptance, thread: sender)
      record.add(vcpu)
      record.add([0, 0, 0, 0, 0xec, 0, 0, 0])
    // The same record as that of a switch.
    case .switchedIn, .lost: break
    }
    return record.bytes
  }
}
