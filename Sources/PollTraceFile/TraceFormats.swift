package import PollTrace

/// The formats that can be read, told apart by content.
package enum TraceFormats {
  /// One format: whether a file is of it, and its reader, which is told what was wrong around it.
  private struct Format {
    var recognises: (Bytes) -> Bool
    var open: (Bytes, OSString, Ledger) throws(TraceFileError) -> any TraceReader
  }

  /// In the order in which they are tried.
  private static var all: [Format] {
    [
      Format(recognises: { $0.starts(with: TraceDatHeader.magic) }) {
        (file, path, ledger) throws(TraceFileError) in
        try TraceDatReader(file, path: path.shown, ledger)
      },
      Format(recognises: PerfData.recognises, open: PerfData.open),
      Format(recognises: FtraceText.recognises) { (file, path, ledger) throws(TraceFileError) in
        try FtraceText.open(file, path: path.shown, ledger)
      },
    ]
  }

  /// Opens the trace at `path`, `-` for standard input.
  package static func open(path: OSString) throws(TraceFileError) -> any TraceReader {
    do throws(TraceFileError) {
      let content = try FileContent(path) { beginning in
        PackedFile.isPacked(beginning) || all.contains { $0.recognises(beginning) }
      }
      return try open(content.bytes, path)
    } catch  where error.problem == .isFolder {
      // A folder of perf record --threads is one trace; of any other nobody knows which file is meant.
      let index = PerfFolder.index(in: path)
      guard let content = try? FileContent(index, isTrace: { _ in true }),
        PerfData.recognises(content.bytes)
      else { throw error }
      return try open(content.bytes, index)
    }
  }

  /// The same of a path that is text.
  package static func open(path: String) throws(TraceFileError) -> any TraceReader {
    try open(path: OSString(path))
  }

  /// Opens a trace that is in memory; messages call it `path`.
  package static func open(
    _ bytes: [UInt8], path: String
  ) throws(TraceFileError) -> any TraceReader {
    try open(Bytes(bytes), OSString(path))
  }

  private static func open(
    _ file: Bytes, _ location: OSString
  ) throws(TraceFileError) -> any TraceReader {
    let path = location.shown
    guard file.count > 0 else { throw TraceFileError(path: path, problem: .isEmpty) }
    let packed = try PackedFile(file, path: path)
    for format in all where format.recognises(packed.content) {
      return try format.open(packed.content, location, packed.ledger)
    }
    if PerfFolder.isPart(packed.content) {
      throw TraceFileError(path: path, problem: .isPartOfFolder)
    }
    throw TraceFileError(path: path, offset: 0, problem: .notATrace)
  }
}
