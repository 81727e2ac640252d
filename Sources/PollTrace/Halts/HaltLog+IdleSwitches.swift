extension HaltLog {
  /// Keeps only the halts during which `recorded` shows who else wanted the CPU; keeps all, and gives back
  /// false, where those are too few to stand for the rest.
  package mutating func keep(within recorded: IdleSwitches) -> Bool {
    guard recorded != .always else { return true }
    var kept = HaltLog(room: entries.count / 4)
    for stretch in stretches {
      kept.breakOff()
      for entry in entries[stretch] {
        let begin = Timestamp(entry.woke.rawValue.minus(entry.block))
        if recorded.cover(CPU(UInt32(entry.cpu)), from: begin, to: entry.woke) {
          kept.entries.append(entry)
        } else {
          kept.breakOff()
        }
      }
    }
    guard kept.entries.count >= Self.leastKnown,
      kept.entries.count >= kept.stretches.count * Self.shortestKnown
    else { return false }
    self = kept
    return true
  }

  /// So many halts, and so many in a row on average: a row loses what its first halt followed.
  private static let (leastKnown, shortestKnown) = (500, 16)
}
