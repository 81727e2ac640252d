import Glibc

/// What the kernel says of itself.
enum Kernel {
  static func release() throws(Failure) -> String {
    try line(of: "/proc/sys/kernel/osrelease", remedy: "Mount /proc.")
  }

  /// KVM's four halt-polling parameters, by name.
  static func parameters() throws(Failure) -> [String: UInt64] {
    let names = ["", "_grow", "_grow_start", "_shrink"].map { "halt_poll_ns" + $0 }
    var values: [String: UInt64] = [:]
    for name in names {
      let path = "/sys/module/kvm/parameters/\(name)"
      values[name] = UInt64(try line(of: path, remedy: "Load the module kvm; mount /sys."))
    }
    return values
  }

  /// The first line of a file.
  static func line(of path: String, remedy: String) throws(Failure) -> String {
    let file = try Descriptor(opening: path, O_RDONLY, "cannot open \(path)", remedy: remedy)
    let bytes = try file.read(atMost: 256)
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
