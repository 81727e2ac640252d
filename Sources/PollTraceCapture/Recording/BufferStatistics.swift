/// What the kernel counts of one CPU's buffer (`per_cpu/cpuN/stats`).
struct BufferStatistics: Hashable {
  var text: String
  /// Events taken out, and events still in.
  var read: UInt64 = 0
  var waiting: UInt64 = 0
  /// Events that found no room, or gave theirs up to younger ones.
  var lost: UInt64 = 0

  init(_ text: String) {
    self.text = text
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, let count = UInt64(parts[1].drop { $0 == " " }) else { continue }
      switch parts[0] {
      case "read events": read = count
      case "entries": waiting = count
      case "overrun", "dropped events": lost += count
      default: break
      }
    }
  }

  /// The statistics of the buffer whose folder in tracefs is `folder`.
  init(in folder: String) { self.init(Paths.text("\(folder)/stats") ?? "") }
}
