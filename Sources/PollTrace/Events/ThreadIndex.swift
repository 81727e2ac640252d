/// Thread → place, by two table look-ups: hashing would cost more than all else per event.
struct ThreadIndex: Sendable {
  /// Where the cells of 4,096 threads begin; Linux has at most 2²² threads (`PID_MAX_LIMIT`, linux
  /// include/linux/threads.h).
  private var starts = [Int32](repeating: -1, count: 1 << (22 - cellBits))
  private var cells: [Int32] = []
  private var others: [ThreadID: Int] = [:]
  private static let cellBits: Int32 = 12
  private static let most: UInt32 = 1 << 22

  subscript(thread: ThreadID) -> Int? {
    @inline(__always)
    get {
      guard UInt32(bitPattern: thread.rawValue) < Self.most else { return others[thread] }
      let start = starts[Int(thread.rawValue >> Self.cellBits)]
      guard start >= 0 else { return nil }
      let place = cells[Int(start | thread.rawValue & (1 << Self.cellBits - 1))]
      return place < 0 ? nil : Int(place)
    }
    set {
      guard UInt32(bitPattern: thread.rawValue) < Self.most else {
        return others[thread] = newValue
      }
      let page = Int(thread.rawValue >> Self.cellBits)
      if starts[page] < 0 {
        starts[page] = Int32(cells.count)
        cells += repeatElement(-1, count: 1 << Self.cellBits)
      }
      cells[Int(starts[page] | thread.rawValue & (1 << Self.cellBits - 1))] = Int32(newValue ?? -1)
    }
  }
}
