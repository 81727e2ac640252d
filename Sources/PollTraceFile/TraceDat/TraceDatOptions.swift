internal import PollTrace

/// What the options of a trace.dat say about the recording as a whole.
struct TraceDatOptions {
  /// DATE counts µs, OFFSET counts ns.
  private(set) var timeOffset: TimeOffset = 0
  private(set) var scale: ClockConversion.Scale?
  /// The line of clocks with the used one in brackets.
  private(set) var clocks: String?
  private(set) var kernel: String?
  private(set) var arch: String?
  private(set) var facts: RecordedFacts?
  /// Events dropped by the kernel, by CPU, from the per-CPU statistics.
  private(set) var losses: [CPU: UInt64] = [:]
  /// Events that the recorder counted in the buffer or read from it, whichever is more, by CPU, from the
  /// same: no fewer must be in the file.
  private(set) var counted: [CPU: UInt64] = [:]
  /// What GUEST options say of vCPU threads.
  private(set) var guests: [RecordedFacts.VCPUThread] = []
  /// Which process a thread belongs to, where a fork stored `saved_tgids`.
  private(set) var processes: [ThreadID: ProcessID] = [:]
  private(set) var ledger = Ledger()

  init(_ header: TraceDatHeader) {
    for option in header.options { read(option, header.isBigEndian) }
    for loss in facts?.losses ?? [] {
      losses[loss.cpu] = max(losses[loss.cpu] ?? 0, loss.events)
    }
  }

  private mutating func read(_ option: TraceDatHeader.Option, _ isBigEndian: Bool) {
    // Texts may or may not end with a NUL, and a size of 0 occurs.
    let text = String(option.content.text.prefix { $0 != "\0" })
    switch option.id {
    case OptionID.date where text.isEmpty, OptionID.offset where text.isEmpty: break
    case OptionID.date:
      add(Self.number(text).map { $0.times(1_000) }, option)
    case OptionID.offset: add(Self.number(text), option)
    case OptionID.traceClock: if !text.isEmpty { clocks = text }
    case OptionID.uname: readUname(text)
    case OptionID.version: readVersion(text)
    case OptionID.timeShift where option.content.count >= 16:
      // From a guest's time to its host's, by CPU: no figure needs it.
      ledger.note(.guestTime)
    case OptionID.cpuStat: readStatistics(text)
    case OptionID.guest: readGuest(option, isBigEndian)
    case OptionID.tsc2nsec: readScale(option, isBigEndian)
    case 8 where text.contains(" "): readProcesses(text)
    case let id where !OptionID.isKnown(id):
      if !readProcesses(text) {
        ledger.note(.unknownOption, 1, "option \(id) of \(option.content.count) bytes")
      }
    default: break
    }
  }

  private mutating func add(_ offset: TimeOffset?, _ option: TraceDatHeader.Option) {
    guard let offset else {
      return ledger.note(.damaged, 1, "byte \(option.offset): option \(option.id) is no number")
    }
    timeOffset = timeOffset + offset
  }

  /// A number as C's `strtoll(…, 0)` reads it: decimal, 0x… or 0…, with a sign.
  static func number(_ text: String) -> TimeOffset? {
    var digits = text.drop { $0 == " " }.prefix { !$0.isWhitespace }
    let isNegative = digits.first == "-"
    if isNegative || digits.first == "+" { digits = digits.dropFirst() }
    let value: Int64?
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
      value = UInt64(digits.dropFirst(2), radix: 16).map { Int64(bitPattern: $0) }
    } else if digits.hasPrefix("0"), digits.count > 1 {
      value = UInt64(digits.dropFirst(), radix: 8).map { Int64(clamping: $0) }
    } else {
      value = UInt64(digits).map { Int64(clamping: $0) }
    }
    return value.map { isNegative ? -TimeOffset($0) : TimeOffset($0) }
  }

  /// Reads `Linux HOST RELEASE VERSION… MACHINE`.
  private mutating func readUname(_ text: String) {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.count >= 3 else { return }
    kernel = words[2]
    if words.count > 3 { arch = words[words.count - 1] }
  }

  private mutating func readVersion(_ text: String) {
    if let found = RecordedFacts(text: text, ledger: &ledger) { facts = found }
  }

  /// Reads `CPU: 0`, `overrun: 12`, `dropped events: 0` (tracefs `per_cpu/cpuN/stats`).
  private mutating func readStatistics(_ text: String) {
    var cpu: CPU?
    var lost: UInt64 = 0
    var events: UInt64 = 0
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let name = parts[0].drop { $0 == " " }
      let value = parts[1].drop { $0 == " " }.prefix { $0.isNumber }
      switch name {
      case "CPU": cpu = UInt32(value).map { CPU($0) }
      case "overrun", "dropped events": lost = lost.plus(UInt64(value) ?? 0)
      // One is taken before the last flush, the other may be: their sum says nothing.
      case "entries", "read events": events = max(events, UInt64(value) ?? 0)
      default: break
      }
    }
    if let cpu { counted[cpu] = events }
    if let cpu, lost > 0 { losses[cpu] = max(losses[cpu] ?? 0, lost) }
  }

  /// Name, trace id, number of vCPUs, then (vCPU, host thread) each.
  private mutating func readGuest(_ option: TraceDatHeader.Option, _ isBigEndian: Bool) {
    var reader = ByteReader(option.content, isBigEndian: isBigEndian)
    guard let name = try? reader.nextString(), (try? reader.next(UInt64.self)) != nil,
      let count = try? reader.next(UInt32.self), UInt64(count) * 8 <= UInt64(reader.left)
    else {
      return ledger.note(.damaged, 1, "byte \(option.offset): option GUEST ends before its vCPUs")
    }
    for _ in 0..<count {
      guard let vcpu = try? reader.next(UInt32.self), let thread = try? reader.next(UInt32.self)
      else { return }
      guests.append(
        .init(
          thread: ThreadID(Int32(bitPattern: thread)), process: nil, vm: Untrusted(name), vcpu: vcpu
        ))
    }
  }

  private mutating func readScale(_ option: TraceDatHeader.Option, _ isBigEndian: Bool) {
    var reader = ByteReader(option.content, isBigEndian: isBigEndian)
    // An offset follows, which trace-cmd leaves out of its times.
    guard let multiplier = try? reader.next(UInt32.self), let shift = try? reader.next(UInt32.self)
    else {
      return ledger.note(.damaged, 1, "byte \(option.offset): option TSC2NSEC is too short")
    }
    scale = .init(multiplier: multiplier, shift: shift)
  }

  /// `thread process` lines, as in `saved_tgids`; false where the text is something else.
  @discardableResult
  private mutating func readProcesses(_ text: String) -> Bool {
    var found: [ThreadID: ProcessID] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let thread = Int32(words[0]), let process = Int32(words[1]) else {
        return false
      }
      found[ThreadID(thread)] = ProcessID(process)
    }
    processes.merge(found) { $1 }
    return !found.isEmpty
  }
}
