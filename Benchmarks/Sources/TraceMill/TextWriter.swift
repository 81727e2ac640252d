/// Writes what `cat trace` prints: one line an event, times in microseconds.
struct TextWriter: TraceSink {
  private var file: FileSink
  private var text: [UInt8] = []

  init(path: String, cpus: Int) throws {
    file = try FileSink(path: path)
    text += Array("# tracer: nop\n#\n# #P:\(cpus)\n".utf8)
  }

  mutating func wakeup(at time: UInt64, cpu: Int, thread: Int32, block: UInt64, waited: Bool) {
    begin(at: time, cpu: cpu, thread: thread)
    put(waited ? "kvm_vcpu_wakeup: wait time " : "kvm_vcpu_wakeup: poll time ")
    put(block)
    put(" ns, polling valid\n")
    if text.count > 1 << 20 { flush() }
  }

  mutating func decision(
    at time: UInt64, cpu: Int, thread: Int32, grow: Bool, vcpu: UInt32, new: UInt32, old: UInt32
  ) {
    begin(at: time, cpu: cpu, thread: thread)
    put("kvm_halt_poll_ns: vcpu ")
    put(UInt64(vcpu))
    put(": halt_poll_ns ")
    put(UInt64(new))
    put(grow ? " (grow " : " (shrink ")
    put(UInt64(old))
    put(")\n")
  }

  private mutating func begin(at time: UInt64, cpu: Int, thread: Int32) {
    put("       CPU 0/KVM-")
    put(UInt64(thread), width: 8, pad: 0x20, isLeft: true)
    put("[")
    put(UInt64(cpu), width: 3)
    put("] ..... ")
    put(time / 1_000_000_000, width: 5, pad: 0x20)
    put(".")
    put(time / 1_000 % 1_000_000, width: 6)
    put(": ")
  }

  private mutating func put(_ string: StaticString) {
    string.withUTF8Buffer { text += $0 }
  }

  private mutating func put(
    _ number: UInt64, width: Int = 0, pad: UInt8 = 0x30, isLeft: Bool = false
  ) {
    let digits = Array("\(number)".utf8)
    let padding = repeatElement(pad, count: max(0, width - digits.count))
    if !isLeft { text += padding }
    text += digits
    if isLeft { text += padding }
  }

  private mutating func flush() {
    file.write(text)
    text.removeAll(keepingCapacity: true)
  }

  mutating func finish() throws {
    flush()
    try file.finish()
  }
}
