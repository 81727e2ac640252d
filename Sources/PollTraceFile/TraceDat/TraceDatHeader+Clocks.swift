internal import PollTrace

extension TraceDatHeader {
  /// The first buffer with events: the trace has its clock.
  var leading: Buffer? { buffers.first(where: \.hasData) ?? buffers.first }

  /// Leaves out buffers whose times cannot be compared with those of the leading one.
  ///
  /// Each instance has a clock of its own (`trace_clock`), and a persistent one may hold what an earlier boot
  /// left (`last_boot_info`, linux Documentation/trace/debugging.rst), whose threads had the same numbers.
  mutating func keepComparable() {
    guard let leading, let first = buffers.firstIndex(where: \.hasData) else { return }
    let clock = leading.clock.flatMap(Self.clockName)
    let hasLastBoot = options.contains { $0.id == OptionID.lastBoot }
    var kept: [Buffer] = []
    for (place, buffer) in buffers.enumerated() {
      let own = buffer.clock.flatMap(Self.clockName)
      let isOther = own != nil && clock != nil && own != clock
      guard place > first, buffer.hasData, isOther || hasLastBoot else {
        kept.append(buffer)
        continue
      }
      let name = "instance \(buffer.name.prefix(40))"
      ledger.note(
        .otherClock, 1,
        isOther
          ? "\(name): clock \(own ?? ""), others' \(clock ?? "")"
          : "\(name): of an earlier boot perhaps")
    }
    buffers = kept
  }

  /// The clock in brackets, or the line's only word; nil where it names none.
  static func clockName(_ line: String) -> String? {
    if let open = line.firstIndex(of: "["), let close = line[open...].firstIndex(of: "]") {
      return String(line[line.index(after: open)..<close])
    }
    guard !line.isEmpty, !line.contains(" ") else { return nil }
    return line.split(whereSeparator: \.isWhitespace).first.map(String.init)
  }
}

extension TraceDatHeader.Buffer {
  /// Whether there is anything in it.
  fileprivate var hasData: Bool { cpus.contains { $0.size > 0 } }
}
