package import PollTraceCapture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file of sysfs that holds one value.
package enum ParameterFile {
  /// Its first line.
  package static func read(_ path: String) throws(SystemError) -> String {
    let bytes = try File(path).read(upTo: 256)
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// Writes `text` by one call, as sysfs wants it; the file must be there.
  package static func write(_ text: String, to path: String) throws(SystemError) {
    let descriptor = unsafe open(path, O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
    let file = File(owning: descriptor)
    try file.write(Array((text + "\n").utf8))
  }
}
