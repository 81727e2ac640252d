/// A file in memory: mapped where it is a file, read to its end where it is a stream.
///
/// A mapped file that another process cuts short while it is read raises SIGBUS; the commands
/// explain that (`SharedFileGuard`).
@safe final class FileContent: @unchecked Sendable {
  private let mapping: UnsafeRawBufferPointer
  private let copy: Bytes?

  /// The file or stream at `path`; `-` is standard input.
  init(path: String) throws(TraceFileError) {
    do {
      let file = path == "-" ? 0 : try Platform.open(path)
      defer { if path != "-" { Platform.close(file) } }
      switch try Platform.kind(of: file) {
      case .folder:
        throw TraceFileError(path: path, problem: .isFolder)
      case .file(let size) where size > 0 && path != "-":
        unsafe mapping = try Platform.map(file, size: size)
        copy = nil
      case .file, .stream:
        let all = try Platform.readAll(file)
        unsafe mapping = UnsafeRawBufferPointer(start: nil, count: 0)
        copy = Bytes(all)
      }
    } catch let failure as Platform.Failure {
      throw TraceFileError(
        path: path, problem: .unreadable(code: failure.code, reason: failure.reason))
    } catch let error as TraceFileError {
      throw error
    } catch {
      throw TraceFileError(path: path, problem: .unreadable(code: 0, reason: "\(error)"))
    }
  }

  deinit {
    if unsafe mapping.count > 0 { unsafe Platform.unmap(mapping) }
  }

  /// All of it.
  var bytes: Bytes {
    if let copy { return copy }
    return unsafe Bytes(mapping, owner: self)
  }
}
