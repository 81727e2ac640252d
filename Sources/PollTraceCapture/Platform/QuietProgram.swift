package import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Another run of this program beside this one, whose talk is kept for later.
package final class QuietProgram {
  /// How it ended.
  package struct End: Hashable, Sendable {
    /// Its exit status, 128 and more where a signal ended it.
    package var status: Int32
    /// The lines that it said.
    package var lines: [Untrusted]
  }

  private let process: ChildProcess
  private let output: File
  /// More than this is not kept of what it says.
  private static let most = 1 << 16

  /// Starts this program with `arguments`.
  package init(_ arguments: [OSString]) throws(SystemError) {
    let pipe = try Pipe(capacity: Self.most)
    process = try ChildProcess(["/proc/self/exe"] + arguments, .talk(to: pipe.input.descriptor))
    let duplicate = fcntl(pipe.output.descriptor, F_DUPFD_CLOEXEC, 0)
    guard duplicate >= 0 else { throw .last }
    output = File(owning: duplicate)
  }

  /// How it ended, said once; nil where it still runs.
  package func ended() -> End? {
    guard let end = process.ended() else { return nil }
    return close(end.status)
  }

  /// Ends it with SIGTERM, and waits until it has brought to its end what it does; with SIGKILL after
  /// `patience` ns.
  @discardableResult
  package func end(patience: Nanoseconds = 120_000_000_000) -> End? {
    process.end(patience: patience).map { close($0.status) }
  }

  /// Waits until it ends by itself.
  package func finish() -> End? {
    while true {
      if let end = ended() { return end }
      Machine.pause(milliseconds: 20)
    }
  }

  private func close(_ status: Int32?) -> End {
    var talk: [UInt8] = []
    while talk.count < Self.most, let more = try? output.read(upTo: Self.most), !more.isEmpty {
      talk += more
    }
    let lines = talk.split(separator: UInt8(ascii: "\n")).map {
      Untrusted(String(decoding: $0, as: UTF8.self))
    }
    return End(status: status ?? 1, lines: lines)
  }
}
