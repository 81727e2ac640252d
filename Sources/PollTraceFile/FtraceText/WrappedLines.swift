internal import PollTrace

/// Lines that a mail or a terminal has wrapped, joined where that makes an event.
enum WrappedLines {
  /// Into how many lines an event is broken at most.
  private static let most = 6

  /// `text` with its lines joined; nil where none are.
  static func joined(_ text: Bytes, _ form: LineForm, _ interruptFlag: Int?) -> Bytes? {
    let bytes = text.array
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    let isBegun = lines.map { line in
      line.first == 0x23
        || TextReading.context(text, line.startIndex, line.endIndex, form, interruptFlag) != nil
    }
    let isEvent = lines.indices.map { Self.isEvent(lines[$0], form, interruptFlag) }
    var (place, count) = (0, 0)
    while place < lines.count {
      var next = place + 1
      if !isEvent[place], lines[place].first != 0x23,
        let (event, end) = event(lines, from: place, isBegun, form, interruptFlag)
      {
        kept += event
        next = end
        count += 1
      } else {
        kept += lines[place]
      }
      if next < lines.count { kept.append(0x0a) }
      place = next
    }
    return count > 0 ? Bytes(kept) : nil
  }

  /// The event that begins in line `place`, and the line behind it.
  private static func event(
    _ lines: [ArraySlice<UInt8>], from place: Int, _ isBegun: [Bool], _ form: LineForm,
    _ interruptFlag: Int?
  ) -> ([UInt8], Int)? {
    // Broken in a word, or at a blank that the break stands for; a mail may have quoted each line.
    for between in [[], [0x20]] as [[UInt8]] {
      var event = Array(lines[place].trimmed)
      for next in (place + 1)..<max(place + 1, min(place + Self.most, lines.count)) {
        guard !isBegun[next], lines[next].contains(where: { !$0.isSpace && $0 != 0x0d }) else {
          break
        }
        event += between + lines[next].trimmed
        if isEvent(event[...], form, interruptFlag) { return (event, next + 1) }
      }
    }
    return nil
  }

  private static func isEvent(
    _ line: ArraySlice<UInt8>, _ form: LineForm, _ interruptFlag: Int?
  ) -> Bool {
    let text = Bytes(Array(line.trimmed))
    var end = text.count
    text.skipSpacesBackward(&end, above: 0)
    var search = end
    while let colon = text.lastIndex(of: 0x3a, from: 0, below: search) {
      if let (name, start) = EventText.name(text, 0, colon: colon),
        form.context(text, 0, before: start, end, interruptFlag: interruptFlag) != nil
      {
        var event = Event(
          time: Timestamp(0), cpu: CPU(0), thread: .idle, kind: .lost(count: nil))
        return EventText.read(name, text, colon + 1, end, into: &event)
      }
      search = colon
    }
    return false
  }
}

extension ArraySlice<UInt8> {
  /// Without a carriage return at the end.
  fileprivate var trimmed: ArraySlice<UInt8> { last == 0x0d ? dropLast() : self }
}
