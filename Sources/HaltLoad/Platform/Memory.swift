import Glibc

/// The guest's memory, mapped here: written before the guest runs, read also while it does.
@safe final class Memory: @unchecked Sendable {
  let start: UnsafeMutableRawPointer
  let size: Int

  init(size: Int) throws(Failure) {
    let map = unsafe mmap(
      nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
    guard let map = unsafe map, unsafe map != MAP_FAILED else {
      throw Failure(
        "cannot map \(size) bytes of guest memory: \(unsafe String(cString: strerror(errno)))",
        remedy: "Free some memory, or ask for fewer --vcpus.")
    }
    unsafe start = map
    self.size = size
  }

  deinit { unsafe munmap(start, size) }

  func write(_ code: [UInt8], at offset: Int) {
    precondition(offset >= 0 && offset + code.count <= size)
    for (index, byte) in code.enumerated() {
      unsafe start.storeBytes(of: byte, toByteOffset: offset + index, as: UInt8.self)
    }
  }

  func write(_ value: UInt32, at offset: Int) {
    write((0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }, at: offset)
  }

  /// What the guest may write at this moment: of one piece, as it is aligned.
  func read64(at offset: Int) -> UInt64 {
    precondition(offset >= 0 && offset + 8 <= size && offset % 8 == 0)
    return unsafe start.load(fromByteOffset: offset, as: UInt64.self)
  }

  func read(at offset: Int) -> UInt32 {
    precondition(offset >= 0 && offset + 4 <= size)
    return unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
  }
}
