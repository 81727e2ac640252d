#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where data goes that is written part by part: a file, or standard output.
struct OutputFile: ~Copyable {
  private let file: Int32
  private let path: String?

  /// Opens the file at `path`, or standard output where there is none.
  ///
  /// A file that is also one of `inputs` is left alone: it is still being read.
  init(path: String?, notOneOf inputs: [String]) throws {
    guard let path, path != "-" else {
      file = STDOUT_FILENO
      self.path = nil
      return
    }
    try Output.refuse(path, ifOneOf: inputs)
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else {
      throw Output.Failure(
        description: "\(path): cannot be written: \(Output.reason())\n  Name another file with -o.")
    }
    self.file = file
    self.path = path
  }

  deinit { if file != STDOUT_FILENO { close(file) } }

  /// Writes `bytes`; a reader of standard output that went away throws `ReaderIsGone`.
  func write(_ bytes: [UInt8]) throws {
    guard !Output.write(bytes, to: file) else { return }
    if path == nil, errno == EPIPE { throw ReaderIsGone() }
    throw Output.cutOff(path ?? "standard output")
  }

  /// Whoever reads standard output has seen enough, as `| head` does: no failure.
  struct ReaderIsGone: Error {}
}
