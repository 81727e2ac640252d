internal import PollTrace

/// A file in memory: mapped where it is a file, read to its end where it is a stream.
///
/// A mapped file that another process cuts short while it is read raises SIGBUS: it is watched, so
/// that the commands can say whose fault that is (`SharedFiles`).
@safe final class FileContent: @unchecked Sendable {
  private let mapping: UnsafeRawBufferPointer
  private let copy: Bytes?
  /// What the mapping is known by to the watch.
  private let watched: Int32

  /// How much of a stream is looked at before it is read to its end, and how much it may come to.
  private static let looked = 2 << 20
  private static let most = 4 << 30

  /// The file or stream `file`; `-` is standard input.
  ///
  /// A stream may be endless: it is read on only if its beginning `isTrace`.
  init(_ file: OSString, isTrace: (Bytes) -> Bool) throws(TraceFileError) {
    let path = file.shown
    let isStandard = file == "-"
    do {
      let file = isStandard ? 0 : try Platform.open(file)
      defer { if !isStandard { Platform.close(file) } }
      switch try Platform.kind(of: file) {
      case .folder:
        throw TraceFileError(path: path, problem: .isFolder)
      case .file(let size) where size > 0 && !isStandard:
        unsafe mapping = try Platform.map(file, size: size)
        watched = unsafe SharedFiles.watch(mapping, path: path)
        copy = nil
      case .file, .stream:
        copy = Bytes(try Self.stream(file, path, isTrace))
        unsafe mapping = UnsafeRawBufferPointer(start: nil, count: 0)
        watched = -1
      }
    } catch let failure as Platform.Failure {
      throw TraceFileError(
        path: path, problem: .unreadable(code: failure.code, reason: Untrusted(failure.reason)))
    } catch let error as TraceFileError {
      throw error
    } catch {
      throw TraceFileError(
        path: path, problem: .unreadable(code: 0, reason: Untrusted(String(describing: error))))
    }
  }

  private static func stream(
    _ file: Int32, _ path: String, _ isTrace: (Bytes) -> Bool
  ) throws -> [UInt8] {
    var all: [UInt8] = []
    try Platform.read(file, into: &all, atMost: looked)
    guard all.count == looked else { return all }
    guard isTrace(Bytes(all)) else {
      throw TraceFileError(path: path, offset: 0, problem: .notATrace)
    }
    try Platform.read(file, into: &all, atMost: most)
    guard all.count < most else {
      throw TraceFileError(path: path, offset: most, problem: .endless)
    }
    return all
  }

  deinit {
    guard unsafe mapping.count > 0 else { return }
    SharedFiles.forget(watched)
    unsafe Platform.unmap(mapping)
  }

  /// All of it.
  var bytes: Bytes {
    if let copy { return copy }
    return unsafe Bytes(mapping, owner: self)
  }
}
