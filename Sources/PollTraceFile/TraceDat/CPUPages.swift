internal import PollTrace

/// The pages of one CPU's buffer in the file, one after the other.
struct CPUPages: Sendable {
  let cpu: CPU
  /// Where they begin in the file, in bytes: for messages.
  let offset: UInt64
  let bytes: Bytes
  let pageSize: Int
  let layout: PageLayout
  let isBigEndian: Bool

  /// Whole pages; a last part of a page counts if it holds at least a header.
  var count: Int {
    let rest = bytes.count % pageSize
    return bytes.count / pageSize + (rest > layout.dataOffset ? 1 : 0)
  }

  /// Page `index`, which must be less than `count`.
  subscript(index: Int) -> RingBufferPage {
    let start = index * pageSize
    let length = max(0, min(pageSize, bytes.count - start))
    return RingBufferPage(
      bytes.part(start, length) ?? bytes, layout, isBigEndian: isBigEndian)
  }

  /// The time at which page `index` begins.
  func time(of index: Int) -> UInt64 {
    let stamp = bytes.load(index * pageSize, as: UInt64.self)
    return isBigEndian ? stamp.byteSwapped : stamp
  }

  /// The last page that begins at or before `time`; 0 where none does.
  func page(at time: UInt64) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self.time(of: middle) <= time { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }

  /// Whether each page begins no earlier than the one before: then slices of time can be cut.
  var isInOrder: Bool {
    var last: UInt64 = 0
    for index in 0..<count {
      let time = time(of: index)
      if time < last { return false }
      last = time
    }
    return true
  }
}
