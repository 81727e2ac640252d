/// A thread of the host as the scheduler's events name it.
struct HostThread {
  let id: Int32
  /// `comm`, 15 letters at most.
  private(set) var name: (UInt64, UInt64) = (0, 0)

  init(id: Int32, name: String) {
    self.id = id
    for (index, byte) in name.utf8.prefix(15).enumerated() {
      let bits = UInt64(byte) << UInt64(index % 8 * 8)
      if index < 8 { self.name.0 |= bits } else { self.name.1 |= bits }
    }
  }

  /// What a CPU runs where there is nothing to do.
  static func idle(cpu: Int) -> HostThread { HostThread(id: 0, name: "swapper/\(cpu)") }
  /// What works for a guest's devices there.
  static func device(cpu: Int) -> HostThread {
    HostThread(id: Int32(900 + cpu), name: "vhost-\(900 + cpu)")
  }
}
