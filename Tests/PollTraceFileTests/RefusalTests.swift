import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceFile

extension [UInt8] {
  /// Where `text` first stands.
  fileprivate func place(of text: String) -> Int? {
    let wanted = Array(text.utf8)
    return indices.first { self[$0...].starts(with: wanted) }
  }

  /// With the first `text` replaced by another of the same length.
  fileprivate func replacing(_ text: String, _ other: String) -> [UInt8] {
    guard let place = place(of: text) else { return self }
    var file = self
    file.replaceSubrange(place..<place + text.utf8.count, with: Array(other.utf8))
    return file
  }
}

@Suite struct `A trace.dat is refused by name` {
  private func problem(_ file: [UInt8]) -> TraceFileError.Problem? {
    do {
      _ = try TraceFormats.open(file, path: "t.dat")
      return nil
    } catch {
      return error.problem
    }
  }

  private func file(_ change: (inout TraceBuilder) -> Void = { _ in }) -> [UInt8] {
    var builder = TraceBuilder(InventedHalts.events(10))
    change(&builder)
    return builder.file
  }

  @Test func `where its version is not known`() {
    #expect(problem(file().replacing("tracing6", "tracing8")) == .unknownVersion("8"))
  }

  @Test func `where its compression is not known`() {
    let file = file { ($0.version, $0.compression) = (7, .zstd) }
    #expect(problem(file.replacing("zstd", "lzma")) == .unknownCompression("lzma"))
  }

  @Test func `where it is a latency trace`() {
    let words = problem(file().replacing("flyrecord", "latency  "))?.explanation
    #expect(words == "kind of data: expected flyrecord, found latency, a trace as text")
  }

  @Test func `where its kernel is older than 2.6.30`() throws {
    var old = file()
    let place = try #require(old.place(of: "header_page\0")) + 12
    old.replaceSubrange(place..<place + 8, with: Array(repeating: 0, count: 8))
    #expect(problem(old) == .tooOld)
  }

  @Test func `where version 7 has no buffer`() {
    let words = problem(file { ($0.version, $0.buffers) = (7, []) })?.explanation
    #expect(words == "options: expected a buffer of events, found none")
  }
}

@Suite struct `A bad length in a page` {
  /// Five events a page; what `damage` does to CPU 0's second page.
  private func built(_ damage: (inout [UInt8], Int) -> Void) throws -> (BuiltTrace, Int) {
    var builder = TraceBuilder(InventedHalts.events(30, vcpus: 1))
    builder.eventsPerPage = 5
    var file = builder.file
    let second = file.count / 4_096 * 4_096 - (builder.buffers[0].events.count / 5 - 1) * 4_096
    damage(&file, second)
    return (try BuiltTrace(file), builder.buffers[0].events.count)
  }

  @Test func `of an event ends that page only`() throws {
    let (built, whole) = try built { $0[$1 + 16] = $0[$1 + 16] & 0xe0 | 28 }
    #expect(built.events.count < whole)
    #expect(built.events.count >= whole - 5)
    #expect(built.ledger.isIncomplete)
  }

  @Test func `of all its data is cut at the page's end`() throws {
    let (built, whole) = try built { $0[$1 + 10] = 1 }
    #expect(built.events.count >= whole - 5)
    #expect(
      built.ledger.entries.contains { $0.detail.terminal.contains("beyond the page's 4080 bytes") })
  }
}
