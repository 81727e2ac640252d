import Glibc

/// A file being written from front to back.
struct FileSink {
  /// What could not be done to a file.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }
  private let path: String
  private let file: Int32
  private var isWhole = true

  init(path: String) throws {
    self.path = path
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard file >= 0 else {
      throw Failure(description: "\(path): \(String(cString: strerror(errno)))")
    }
  }

  mutating func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = Glibc.write(file, buffer.baseAddress?.advanced(by: done), buffer.count - done)
        guard count > 0 else {
          isWhole = false
          return
        }
        done += count
      }
    }
  }

  func finish() throws {
    close(file)
    guard isWhole else { throw Failure(description: "\(path): could not be written to its end") }
  }
}
