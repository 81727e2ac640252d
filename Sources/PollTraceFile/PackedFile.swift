internal import PollTrace

/// A trace that is compressed as a whole: a file of gzip or zstd around it.
struct PackedFile {
  /// What it comes to, as far as it can be decompressed.
  let content: Bytes
  /// What is wrong with it.
  private(set) var ledger = Ledger()

  /// How `file` is compressed; nil where it is not.
  private static func compression(of file: Bytes) -> Compression? {
    if file.starts(with: [0x1f, 0x8b, 0x08]) { return .zlib }
    return file.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) ? .zstd : nil
  }

  /// Whether `file` is compressed as a whole.
  static func isPacked(_ file: Bytes) -> Bool { compression(of: file) != nil }

  /// The content of `file`; that is `file` itself where it is not compressed.
  init(_ file: Bytes, path: String) throws(TraceFileError) {
    guard let compression = Self.compression(of: file) else {
      content = file
      return
    }
    guard let decompressor = Decompressor(compression) else {
      throw TraceFileError(path: path, problem: .unreadable(code: 12, reason: "out of memory"))
    }
    var output = GrowingBytes(capacity: min(Compression.most(of: file.count), 8 * file.count))
    var (position, isWhole, problem) = (0, false, nil as String?)
    while problem == nil, position < file.count || !isWhole {
      let (positionBefore, countBefore) = (position, output.count)
      switch decompressor.step(file, &position, into: &output) {
      case .going: isWhole = false
      case .ended: isWhole = true
      case .damaged: problem = isWhole ? "something else behind the compressed data" : "damage"
      }
      if output.count >= Compression.most(of: file.count) {
        problem = "more than \(output.count) bytes of content; decompress it first"
      } else if problem == nil, position == positionBefore, output.count == countBefore {
        problem = "the end of the file"
      }
    }
    content = output.bytes
    guard let problem else { return }
    let name = compression == .zstd ? "zstd" : "gzip"
    guard content.count > 0 else {
      throw TraceFileError(
        path: path, offset: position,
        problem: .malformed(
          section: "the \(name) file", expected: "data", found: Untrusted(problem)))
    }
    ledger.note(
      .damaged, 1, "\(name) file, byte \(position): expected compressed data, found \(problem)")
  }
}
