import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where a command's data goes.
enum Output {
  /// What is wrong with an output file.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Writes `text` to the file at `path`, or to standard output where there is none.
  ///
  /// A file is there as a whole or as it was: it is written beside its place and renamed. One that is
  /// also one of the traces `inputs` is left alone. A reader that goes away (`| head`) is no failure.
  static func write(_ text: String, path: String?, notOneOf inputs: [String] = []) throws {
    guard let path, path != "-" else {
      if !write(text, to: STDOUT_FILENO), errno != EPIPE { throw cutOff("standard output") }
      return
    }
    try refuse(path, ifOneOf: inputs)
    guard let target = target(of: path) else {
      // A device or a pipe is written as it is.
      try write(text, to: path, flags: O_WRONLY | O_CREAT | O_TRUNC, named: path)
      return
    }
    let draft = "\(target).\(getpid()).part"
    do {
      try write(text, to: draft, flags: O_WRONLY | O_CREAT | O_EXCL, named: path)
    } catch {
      _ = unsafe unlink(draft)
      throw error
    }
    guard unsafe rename(draft, target) == 0 else {
      let why = reason()
      _ = unsafe unlink(draft)
      throw Failure(description: "\(path): cannot be written: \(why)\n  Name another file with -o.")
    }
  }

  /// Refuses to write over one of the traces that are read.
  static func refuse(_ path: String, ifOneOf inputs: [String]) throws {
    guard let input = inputs.first(where: { areSame($0, path) }) else { return }
    throw Failure(
      description: "\(path): is the trace \(input) itself\n  Name another file with -o.")
  }

  private static func areSame(_ left: String, _ right: String) -> Bool {
    var (one, other) = (stat(), stat())
    return unsafe left != "-" && stat(left, &one) == 0 && stat(right, &other) == 0
      && one.st_dev == other.st_dev && one.st_ino == other.st_ino
  }

  /// What to say where `name` took a part only.
  static func cutOff(_ name: String) -> Failure {
    Failure(
      description:
        "\(name): not written to its end: \(reason())\n  Make room, or name another file with -o.")
  }

  /// Whether writing to `path` writes to a terminal.
  static func isTerminal(path: String?) -> Bool {
    guard let path, path != "-" else { return isatty(STDOUT_FILENO) == 1 }
    let file = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard file >= 0 else { return false }
    defer { close(file) }
    return isatty(file) == 1
  }

  /// The file to put in place for `path`, symbolic links followed; nil where it is no plain file.
  private static func target(of path: String) -> String? {
    var state = stat()
    guard unsafe stat(path, &state) == 0 else { return path }
    guard state.st_mode & S_IFMT == S_IFREG else { return nil }
    guard let real = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  private static func write(
    _ text: String, to path: String, flags: Int32, named name: String
  ) throws {
    let file = unsafe open(path, flags | O_CLOEXEC, 0o644)
    guard file >= 0 else {
      throw Failure(
        description: "\(name): cannot be written: \(reason())\n  Name another file with -o.")
    }
    defer { close(file) }
    guard write(text, to: file) else { throw cutOff(name) }
  }

  @discardableResult
  static func write(_ text: String, to file: Int32) -> Bool {
    write(Array(text.utf8), to: file)
  }

  /// Writes `bytes` to `file`; false where not all could be written.
  static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.write(file, bytes.baseAddress, bytes.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return false }
      rest = rest.dropFirst(written)
    }
    return true
  }

  /// Why the last call of the system failed.
  static func reason() -> String { unsafe String(cString: strerror(errno)) }
}
