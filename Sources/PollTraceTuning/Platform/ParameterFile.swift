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
  ///
  /// A plain file, which stands for one of sysfs in tests, is cut behind the text: never before it is written.
  package static func write(_ text: String, to path: String) throws(SystemError) {
    let descriptor = unsafe open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
    let file = File(owning: descriptor)
    let bytes = Array((text + "\n").utf8)
    try file.write(bytes)
    try? file.truncate(to: bytes.count)
  }
}
