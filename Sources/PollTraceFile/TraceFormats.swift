/// The formats that can be read, told apart by content.
package enum TraceFormats {
  /// One format: whether a file is of it, and its reader.
  private struct Format {
    var recognises: (Bytes) -> Bool
    var open: (Bytes, String) throws(TraceFileError) -> any TraceReader
  }

  /// In the order in which they are tried.
  private static var all: [Format] {
    [
      Format(recognises: { $0.starts(with: TraceDatHeader.magic) }) {
        (file, path) throws(TraceFileError) in try TraceDatReader(file, path: path)
      },
      Format(recognises: { file in PerfHeader.magics.contains { file.starts(with: $0) } }) {
        (file, path) throws(TraceFileError) in try PerfDataReader(file, path: path)
      },
      Format(recognises: FtraceTextReader.recognises) {
        (file, path) throws(TraceFileError) in FtraceTextReader(file, path: path)
      },
    ]
  }

  /// Opens the trace at `path`, `-` for standard input.
  package static func open(path: String) throws(TraceFileError) -> any TraceReader {
    try open(try FileContent(path: path).bytes, path: path)
  }

  /// Opens a trace that is in memory; messages call it `path`.
  package static func open(
    _ bytes: [UInt8], path: String
  ) throws(TraceFileError) -> any TraceReader {
    try open(Bytes(bytes), path: path)
  }

  private static func open(
    _ bytes: Bytes, path: String
  ) throws(TraceFileError) -> any TraceReader {
    var content = bytes
    guard content.count > 0 else { throw TraceFileError(path: path, problem: .isEmpty) }
    if let compression = Compression.whole(content) {
      content = try compression.all(of: content, path: path)
    }
    for format in all where format.recognises(content) { return try format.open(content, path) }
    throw TraceFileError(path: path, offset: 0, problem: .notATrace)
  }
}
