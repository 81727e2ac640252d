/// KVM's binary statistics of one vCPU: a name each, and one value, or a histogram's buckets.
struct Statistics: Hashable, Sendable {
  enum Value: Hashable, Sendable {
    case number(UInt64)
    case histogram([UInt64])
  }

  var values: [String: Value]

  /// ns in polls, whatever came of them; nil where KVM does not count them.
  var pollTime: UInt64? {
    guard case .number(let successful) = values["halt_poll_success_ns"],
      case .number(let failed) = values["halt_poll_fail_ns"]
    else { return nil }
    return successful + failed
  }
}

extension Statistics {
  init(of file: Descriptor) throws(Failure) {
    let bytes = try file.read(atMost: 1 << 18)
    guard let statistics = Self(bytes) else {
      throw Failure(
        "KVM's statistics end before their last value (\(bytes.count) bytes)",
        remedy: "Leave out --stats, and report this with your kernel's version.")
    }
    self = statistics
  }

  /// Reads the file's header, its descriptors, and the values they point to.
  init?(_ bytes: [UInt8]) {
    let file = Words(bytes: bytes)
    guard let name = file.word32(at: 4), let count = file.word32(at: 8),
      let descriptors = file.word32(at: 16), let data = file.word32(at: 20)
    else { return nil }
    values = [:]
    for index in 0..<count {
      let at = descriptors + index * (16 + name)
      guard let flags = file.word32(at: at), let sizes = file.word32(at: at + 4),
        let offset = file.word32(at: at + 8), let text = file.text(at: at + 16, atMost: name)
      else { return nil }
      let size = sizes >> 16
      let read = (0..<size).compactMap { file.word64(at: data + offset + 8 * $0) }
      guard read.count == size else { return nil }
      values[text] = size == 1 && flags & 0xf < 3 ? .number(read[0]) : .histogram(read)
    }
  }
}
