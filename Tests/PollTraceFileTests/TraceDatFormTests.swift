import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// A form that a trace.dat can have.
struct Form: CustomTestStringConvertible, Sendable {
  var testDescription: String
  /// Whether trace-cmd 3.1.6 reads it.
  var isReadByPeer: Bool
  var builder: TraceBuilder

  init(_ name: String, peer: Bool = true, _ change: (inout TraceBuilder) -> Void) {
    testDescription = name
    isReadByPeer = peer
    builder = TraceBuilder(InventedHalts.events(200))
    change(&builder)
  }

  static let all = versions(6) + versions(7) + compressed

  private static func versions(_ version: Int) -> [Form] {
    let forms: [(String, (inout TraceBuilder) -> Void)] = [
      ("as usual", { _ in }),
      ("big endian", { $0.isBigEndian = true }),
      ("32-bit kernel", { ($0.kernelLongSize, $0.longSize) = (4, 4) }),
      ("32-bit kernel under a 64-bit recorder", { $0.kernelLongSize = 4 }),
      ("big endian, 32-bit", { ($0.isBigEndian, $0.kernelLongSize) = (true, 4) }),
      ("pages of 64 KiB", { $0.pageSize = 65_536 }),
      ("a time extend before each event", { $0.stamps = .extends }),
      ("an absolute time before each event", { $0.stamps = .absolute }),
      ("big endian, absolute times", { ($0.isBigEndian, $0.stamps) = (true, .absolute) }),
      ("discarded events in between", { $0.padsBetweenEvents = true }),
      ("lengths in words of their own", { $0.hasLengthWords = true }),
      ("a few events on a page", { $0.eventsPerPage = 3 }),
      ("interrupts that vCPUs accept", { $0.addAcceptances() }),
      (
        "big endian, interrupts that vCPUs accept",
        {
          $0.isBigEndian = true
          $0.addAcceptances()
        }
      ),
      ("a kernel before 4.7", { ($0.hasValidField, $0.kernel) = (false, "4.4.0") }),
    ]
    return forms.map { name, change in
      Form("version \(version), \(name)") {
        $0.version = version
        change(&$0)
      }
    }
  }

  private static let compressed =
    [TraceBuilder.Compression.zlib, .zstd].flatMap { compression in
      [false, true].map { isBigEndian in
        // Debian's trace-cmd is built without zlib.
        Form(
          "version 7, \(compression), \(isBigEndian ? "big" : "little") endian",
          peer: compression == .zstd
        ) {
          $0.version = 7
          $0.compression = compression
          $0.isBigEndian = isBigEndian
          $0.eventsPerPage = 20
        }
      }
    } + [
      Form("version 7, sub-buffers of 64 KiB, none", peer: false) {
        ($0.version, $0.subBufferSize) = (7, 65_536)
      },
      Form("version 7, sub-buffers of 16 KiB, zstd", peer: false) {
        ($0.version, $0.subBufferSize, $0.compression) = (7, 16_384, .zstd)
      },
      Form("version 7, options in a chain of sections") {
        ($0.version, $0.compression, $0.chainsOptions) = (7, .zstd, true)
      },
    ]
}

extension TraceBuilder {
  /// An interrupt of thread 5 for vCPU 1 just before each third event.
  fileprivate mutating func addAcceptances() {
    hasAcceptFormat = true
    buffers[0].events = buffers[0].events.enumerated().flatMap { index, event in
      let accepted = Event(
        time: event.time - 50, cpu: event.cpu, thread: ThreadID(5),
        kind: .accepted(sender: ThreadID(5), vcpu: 1))
      return index.isMultiple(of: 3) ? [accepted, event] : [event]
    }
  }
}

@Suite struct `A trace.dat` {
  @Test(arguments: Form.all)
  func `gives back the events that were written`(form: Form) throws {
    let built = try BuiltTrace(form.builder)
    #expect(built.events == form.builder.buffers[0].events.byCPU)
    #expect(built.tally.events == UInt64(built.events.count))
    #expect(built.ledger.entries.isEmpty)
    #expect(built.reader.description.format == "trace.dat v\(form.builder.version)")
    #expect(built.reader.description.clock == .init(name: "mono", isTime: true))
    #expect(built.reader.description.kernel?.terminal == form.builder.kernel)
  }

  @Test(arguments: [TraceBuilder.Compression.none, .zstd, .zlib])
  func `gives the same report on one thread and on many, compressed or not`(
    compression: TraceBuilder.Compression
  ) throws {
    var builder = TraceBuilder(InventedHalts.events(1_300))
    builder.eventsPerPage = 1
    builder.pageSize = 128
    let plain = try TraceFormats.open(builder.file, path: "built.dat")
    builder.version = 7
    builder.compression = compression
    builder.pagesPerChunk = 10
    let reader = try TraceFormats.open(builder.file, path: "built.dat")
    #expect(reader.moments(every: 4).count > 1)
    let alone = report(of: reader, threads: 1)
    #expect(alone == report(of: reader, threads: 5))
    #expect(alone.vcpus == report(of: plain, threads: 3).vcpus)
    #expect(alone.vcpus.map(\.figures.measures.halts) == [1_300, 1_300])
  }

  @Test func `whose chunks are out of order is read as it comes`() throws {
    var builder = TraceBuilder(InventedHalts.events(1_300))
    builder.version = 7
    builder.compression = .zstd
    builder.eventsPerPage = 1
    builder.pageSize = 128
    builder.swapsChunks = true
    let built = try BuiltTrace(builder)
    let events = built.events.filter { $0.what != .lost }
    #expect(events.count == builder.buffers[0].events.count)
    #expect(built.report.ledger.count(of: .timeRunsBackwards) > 0)
  }

  @Test(.enabled(if: Peer.isThere, Peer.comment), arguments: Form.all.filter(\.isReadByPeer))
  func `says the same to trace-cmd`(form: Form) throws {
    let file = try TemporaryFile(form.builder.file)
    let (lines, complaints) = try Peer.report(file.path)
    #expect(complaints == "")
    let built = try BuiltTrace(form.builder)
    let hasValid = form.builder.hasValidField
    let mine = built.events.compactMap { Peer.line($0, hasValid: hasValid) }
    #expect(mine.sorted() == lines.compactMap(Peer.line).sorted())
    #expect(built.tally.events == UInt64(lines.count))
  }
}
