/// Writes a trace.dat of version 6: 64-bit little endian, 4,096-byte pages, clock mono.
struct TraceWriter: SchedulerSink {
  private var buffers: [PageBuffer]
  private let path: String
  private let hasScheduler: Bool

  /// Whether it `hasScheduler` events is said in front.
  init(path: String, cpus: Int, hasScheduler: Bool = false) throws {
    self.path = path
    self.hasScheduler = hasScheduler
    buffers = Array(repeating: PageBuffer(), count: cpus)
  }

  /// Writes `kvm:kvm_vcpu_wakeup`.
  mutating func wakeup(at time: UInt64, cpu: Int, thread: Int32, block: UInt64, waited: Bool) {
    buffers[cpu].begin(length: 20, at: time)
    buffers[cpu].put(Self.common(type: 41, thread))
    buffers[cpu].put(block)
    buffers[cpu].put(UInt32(waited ? 1 : 0) | 0x100)
  }

  /// Writes `kvm:kvm_halt_poll_ns`.
  mutating func decision(
    at time: UInt64, cpu: Int, thread: Int32, grow: Bool, vcpu: UInt32, new: UInt32, old: UInt32
  ) {
    buffers[cpu].begin(length: 24, at: time)
    buffers[cpu].put(Self.common(type: 31, thread))
    buffers[cpu].put(UInt64(grow ? 1 : 0) | UInt64(vcpu) << 32)
    buffers[cpu].put(UInt64(new) | UInt64(old) << 32)
  }

  mutating func waking(
    at time: UInt64, cpu: Int, by waker: HostThread, isInterrupt: Bool, woken: HostThread,
    target: Int
  ) {
    buffers[cpu].begin(length: 36, at: time)
    // TRACE_FLAG_IRQS_OFF, TRACE_FLAG_HARDIRQ (linux include/linux/trace_events.h).
    buffers[cpu].put(Self.common(type: 331, waker.id, flags: isInterrupt ? 0x09 : 0x01))
    buffers[cpu].put(woken)
    buffers[cpu].put(UInt32(target))
  }

  mutating func switched(
    at time: UInt64, cpu: Int, from previous: HostThread, isAsleep: Bool, to next: HostThread
  ) {
    buffers[cpu].begin(length: 64, at: time)
    buffers[cpu].put(Self.common(type: 327, previous.id, flags: 0x01))
    buffers[cpu].put(previous)
    // TASK_INTERRUPTIBLE, TASK_RUNNING (linux include/linux/sched.h).
    buffers[cpu].put(UInt64(isAsleep ? 1 : 0))
    buffers[cpu].put(next)
  }

  private static func common(type: UInt64, _ thread: Int32, flags: UInt64 = 0) -> UInt64 {
    type | flags << 16 | UInt64(UInt32(bitPattern: thread)) << 32
  }

  /// Writes header and pages.
  mutating func finish() throws {
    for cpu in buffers.indices { buffers[cpu].turn() }
    var header = Header.bytes(cpus: buffers.count, hasScheduler: hasScheduler)
    let first = (header.count + 16 * buffers.count + 4_095) / 4_096 * 4_096
    var offset = first
    for buffer in buffers {
      header += Header.bytes(UInt64(offset)) + Header.bytes(UInt64(buffer.pages.count))
      offset += buffer.pages.count
    }
    var file = try FileSink(path: path)
    file.write(header + Array(repeating: 0, count: first - header.count))
    for buffer in buffers { file.write(buffer.pages) }
    try file.finish()
  }
}

/// The pages of one CPU.
struct PageBuffer {
  private(set) var pages: [UInt8] = []
  private var page = [UInt8](repeating: 0, count: 4_096)
  private var position = 16
  private var last: UInt64 = 0
  private var isBegun = false

  /// Begins a record of `length` data bytes.
  mutating func begin(length: Int, at time: UInt64) {
    if isBegun, position + 12 + length > 4_096 { turn() }
    if !isBegun {
      isBegun = true
      store(time, at: 0)
      last = time
    }
    let delta = time - last
    if delta >= 1 << 27 {
      put(UInt32(30) | UInt32(delta & 0x7ff_ffff) << 5)
      put(UInt32(delta >> 27))
      put(UInt32(length / 4))
    } else {
      put(UInt32(length / 4) | UInt32(delta) << 5)
    }
    last = time
  }

  mutating func put<Value: FixedWidthInteger>(_ value: Value) {
    store(value, at: position)
    position += MemoryLayout<Value>.size
  }

  /// A thread's `comm`, `pid` and `prio`, which is that of nice 0.
  mutating func put(_ thread: HostThread) {
    put(thread.name.0)
    put(thread.name.1)
    put(UInt64(UInt32(bitPattern: thread.id)) | 120 << 32)
  }

  private mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    page.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
  }

  /// Ends the page.
  mutating func turn() {
    guard isBegun else { return }
    store(UInt64(position - 16), at: 8)
    pages += page
    for index in page.indices { page[index] = 0 }
    position = 16
    isBegun = false
  }
}
