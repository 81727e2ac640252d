import PollTrace
import PollTraceCapture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where a command's data goes: a file, which is there as a whole or as it was, or a stream.
struct Output: ~Copyable {
  private enum Target: ~Copyable {
    /// A plain file, or one that is not there yet.
    case draft(Draft)
    /// A device or a pipe: written as it comes.
    case stream(File)
    case standard
  }

  private let target: Target
  /// What messages call it.
  private let name: String
  /// Whether it is to be compressed, as its name says.
  private let isPacked: Bool

  /// What is wrong with a file.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Whoever reads a stream has seen enough, as `| head` does: no failure.
  struct ReaderIsGone: Error {}

  /// Opens the file at `path`, or standard output where there is none.
  ///
  /// A file that is also one of the traces `inputs` is left alone. A new file `forAll` can be read by all.
  /// - Throws: `Failure`.
  init(path: OSString?, notOneOf inputs: [OSString], forAll: Bool = false) throws {
    guard let path, path != "-" else {
      target = .standard
      name = "standard output"
      isPacked = false
      return
    }
    name = path.shown
    isPacked = path.bytes.suffix(3).elementsEqual(".gz".utf8)
    try Self.refuse(path, ifOneOf: inputs)
    do throws(SystemError) {
      target = try Self.target(path, forAll)
    } catch { throw Self.unwritable(path.shown, error) }
  }

  private static func target(_ path: OSString, _ forAll: Bool) throws(SystemError) -> Target {
    guard let status = try? FileStatus(of: path) else {
      return .draft(try Draft(for: Place(path), forAll: forAll))
    }
    // /dev/stdout may be a file that others write to as well: it goes on where they are.
    let standard = try? FileStatus(ofDescriptor: STDOUT_FILENO)
    if let standard, status.isSame(as: standard) { return .standard }
    if status.kind == .file { return .draft(try Draft(for: Place(path))) }
    return .stream(try File(stream: path))
  }

  /// Writes `bytes`.
  ///
  /// - Throws: `ReaderIsGone` where that is so, `Failure` where not all could be written.
  func write(_ bytes: [UInt8]) throws {
    do throws(SystemError) {
      let bytes = isPacked ? try Gzip.member(of: bytes) : bytes
      switch target {
      case .draft(let draft): try draft.write(bytes)
      case .stream(let file): try file.write(bytes)
      case .standard: try File.write(bytes, to: STDOUT_FILENO)
      }
    } catch {
      if error.isBrokenPipe { throw ReaderIsGone() }
      throw Failure(
        description: "\(name): not written to its end: \(error.text)\n  "
          + "Make room, or name another file with -o.")
    }
  }

  /// Writes `bytes` to standard output part by part, each when `waitForRoom` has found room for 4 KiB: so
  /// that a reader who takes his time does not keep this process from what else it has to do.
  func write(_ bytes: [UInt8], _ waitForRoom: (Int32) throws -> Void) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      try waitForRoom(STDOUT_FILENO)
      try write(Array(rest.prefix(4_096)))
      rest = rest.dropFirst(4_096)
    }
  }

  /// Everything is written: what is not called this for leaves no file.
  consuming func commit() throws {
    let name = name
    switch consume target {
    case .draft(let draft):
      do throws(SystemError) {
        if let attribute = try draft.put() {
          StandardError.say(
            "polltrace: \(name): the attribute \(Untrusted(attribute).terminal) of the file that was there "
              + "could not be kept")
        }
      } catch { throw Self.unwritable(name, error) }
    case .stream: break
    case .standard: break
    }
  }

  private static func unwritable(_ name: String, _ error: SystemError) -> Failure {
    Failure(
      description: "\(name): cannot be written: \(error.text)\n  Name another file with -o.")
  }

  /// Refuses to write over one of the traces that are read.
  private static func refuse(_ path: OSString, ifOneOf inputs: [OSString]) throws {
    guard let output = try? FileStatus(of: path) else { return }
    for input in inputs where input != "-" {
      guard let status = try? FileStatus(of: input), status.isSame(as: output) else { continue }
      throw Failure(
        description: "\(path.shown): is the trace \(input.shown) itself\n  "
          + "Name another file with -o.")
    }
  }
}

extension Output {
  /// Writes `text`, all there is, to the file at `path`, or to standard output where there is none.
  static func write(
    _ text: String, path: OSString?, notOneOf inputs: [OSString] = [], forAll: Bool = false
  ) throws {
    let output = try Output(path: path, notOneOf: inputs, forAll: forAll)
    do { try output.write(Array(text.utf8)) } catch is ReaderIsGone {}
    try output.commit()
  }

  /// Whether writing to `path` writes to a terminal.
  static func isTerminal(path: OSString?) -> Bool {
    guard let path, path != "-" else { return isatty(STDOUT_FILENO) == 1 }
    // Others are not opened: whoever reads a pipe would take that for its end.
    guard let status = try? FileStatus(of: path), status.kind == .device else { return false }
    let file = unsafe open(path.c, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard file >= 0 else { return false }
    defer { close(file) }
    return isatty(file) == 1
  }
}
