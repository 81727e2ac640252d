import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// What trace-cmd's writers did wrong in some release; files that they wrote are still around.
@Suite struct `A trace.dat of a historical writer` {
  private func built(
    _ bugs: [TraceBuilder.WriterBug], _ compression: TraceBuilder.Compression,
    isBigEndian: Bool = false
  ) throws -> (BuiltTrace, [Event]) {
    var builder = TraceBuilder(InventedHalts.events(300))
    builder.version = 7
    builder.compression = compression
    builder.isBigEndian = isBigEndian
    builder.eventsPerPage = 20
    builder.bugs = bugs
    return (try BuiltTrace(builder), builder.buffers[0].events.byCPU)
  }

  @Test(arguments: [TraceBuilder.Compression.zlib, .zstd])
  func `with a compressed size 4 too small is read to its last chunk`(
    compression: TraceBuilder.Compression
  ) throws {
    let (built, events) = try built([.sizeFourTooSmall], compression)
    #expect(built.events == events)
    #expect(built.ledger.entries.isEmpty)
  }

  @Test func `with a size truncated above 2 GiB is read to its last chunk`() throws {
    let (built, events) = try built([.sizeTruncated], .zstd)
    #expect(built.events == events)
    #expect(built.ledger.entries.isEmpty)
  }

  @Test(arguments: [TraceBuilder.Compression.zlib, .zstd])
  func `with the high halves of sizes is read by what its chunks say`(
    compression: TraceBuilder.Compression
  ) throws {
    let (built, events) = try built([.highHalves], compression, isBigEndian: true)
    #expect(built.events == events)
    #expect(built.ledger.entries.isEmpty)
  }

  @Test func `with a count of chunks in the host's byte order is read`() throws {
    let (built, events) = try built([.countInHostOrder], .zstd, isBigEndian: true)
    #expect(built.events == events)
  }

  @Test(arguments: [TraceBuilder.Compression.none, .zstd])
  func `with offsets in the host's byte order is read`(
    compression: TraceBuilder.Compression
  ) throws {
    let (built, events) = try built([.bufferInHostOrder], compression, isBigEndian: true)
    #expect(built.events == events)
    #expect(built.ledger.entries.isEmpty)
  }

  @Test(arguments: [TraceBuilder.WriterBug.headerPageTooLong, .headerPageTooShort])
  func `with a wrong length of header_page is read, and says so`(
    bug: TraceBuilder.WriterBug
  ) throws {
    var builder = TraceBuilder(InventedHalts.events(50))
    builder.kernelLongSize = 4
    builder.bugs = [bug]
    let built = try BuiltTrace(builder)
    #expect(built.events == builder.buffers[0].events.byCPU)
    #expect(built.ledger.entries.map(\.kind) == [.oddLength])
  }

  @Test func `of version 6 with an empty clock option has the clock behind its table`() throws {
    var builder = TraceBuilder(InventedHalts.events(50))
    builder.clockIsBehindTable = true
    builder.clock = "boot"
    let built = try BuiltTrace(builder)
    #expect(built.reader.description.clock == .init(name: "boot", isTime: true))
    #expect(built.events == builder.buffers[0].events.byCPU)
  }

  @Test func `of version 6 whose header counts too few CPUs is read on all of them`() throws {
    var builder = TraceBuilder(InventedHalts.events(50, vcpus: 3))
    builder.headerCPUs = 1
    builder.clockIsBehindTable = true
    builder.clock = "boot"
    let built = try BuiltTrace(builder)
    #expect(built.events == builder.buffers[0].events.byCPU)
    #expect(built.reader.description.clock.name == "boot")
    #expect(built.reader.description.cpus == 3)
  }

  @Test(arguments: [6, 7])
  func `with options of size 0 is read`(version: Int) throws {
    var builder = TraceBuilder(InventedHalts.events(50))
    builder.version = version
    for id in UInt16(1)...14 where id != 3 && id != 4 { builder.options.append((id, [])) }
    let built = try BuiltTrace(builder)
    #expect(built.events == builder.buffers[0].events.byCPU)
  }

  @Test func `of a fork keeps processes under the number of CPUCOUNT`() throws {
    var builder = TraceBuilder(InventedHalts.events(50))
    builder.add(option: 8, "1000 900\n1001 900\n")
    let report = try BuiltTrace(builder).report
    #expect(report.vcpus.map(\.identity.process?.rawValue) == [900, 900])
    #expect(report.trace.cpus == 2)
  }

  @Test(
    .enabled(if: Peer.isThere, Peer.comment),
    arguments: [
      (false, "none"), (false, "zstd"), (true, "none"), (true, "zstd"),
    ])
  func `that trace-cmd itself converted gives the same events`(
    isBigEndian: Bool, compression: String
  ) throws {
    var builder = TraceBuilder(InventedHalts.events(300))
    builder.isBigEndian = isBigEndian
    let (old, new) = (try TemporaryFile(builder.file), try TemporaryFile([]))
    try Peer.convert(old.path, to: new.path, compression: compression)
    let reader = try TraceFormats.open(path: new.path)
    let events = everything(in: reader).events
    #expect(reader.description.format == "trace.dat v7")
    #expect(events == builder.buffers[0].events.byCPU)
    #expect(reader.ledger.entries.isEmpty)
  }
}

@Suite struct `The options of a trace.dat` {
  private func builder(_ change: (inout TraceBuilder) -> Void) -> TraceBuilder {
    var builder = TraceBuilder(InventedHalts.events(40))
    change(&builder)
    return builder
  }

  @Test(arguments: [6, 7])
  func `are all known or skipped with a note`(version: Int) throws {
    let built = try BuiltTrace(
      builder {
        $0.version = version
        $0.compression = version == 7 ? .zstd : .none
        for id in [UInt16(6), 10, 11, 12] { $0.options.append((id, [1, 2, 3, 4])) }
        $0.options.append((4_711, [1, 2, 3]))
        $0.options.append((26, []))
      })
    #expect(built.events.count > 100)
    #expect(built.ledger.entries.map(\.kind) == [.unknownOption, .unknownOption])
    #expect(built.ledger.entries[0].detail == "option 4711 of 3 bytes")
    #expect(!built.ledger.isIncomplete)
  }

  @Test(
    arguments: [
      ("0x10", 16_000), ("-0x10", -16_000), ("020", 16_000), ("16", 16_000), ("-16", -16_000),
    ])
  func `move time by a DATE in microseconds`(text: String, nanoseconds: Int) throws {
    let file = builder { $0.add(option: 1, text) }
    #expect(try BuiltTrace(file).tally.first == moved(file, by: nanoseconds))
  }

  @Test func `move time by DATE and OFFSET together`() throws {
    let file = builder {
      $0.add(option: 1, "0x3e8")
      $0.add(option: 7, "-250")
    }
    #expect(try BuiltTrace(file).tally.first == moved(file, by: 999_750))
  }

  private func moved(_ file: TraceBuilder, by nanoseconds: Int) -> Timestamp? {
    file.buffers[0].events.map(\.time).min().map {
      Timestamp(UInt64(Int64($0.rawValue) + Int64(nanoseconds)))
    }
  }

  @Test(.enabled(if: Peer.isThere, Peer.comment))
  func `move time as they do for trace-cmd`() throws {
    for isBigEndian in [false, true] {
      let file = builder {
        $0.isBigEndian = isBigEndian
        $0.clock = "x86-tsc"
        $0.add(option: 1, "-0x59682f00")
        $0.add(option: 7, "123456789")
        $0.add(option: 14, words: [UInt32(1_398_101_333), UInt32(22), UInt64(7_000_000_000)])
      }
      try expectEquality(file)
    }
  }

  @Test func `scale the ticks of x86-tsc to nanoseconds`() throws {
    let file = builder {
      $0.clock = "x86-tsc"
      $0.add(option: 14, words: [UInt32(1) << 31, UInt32(32), UInt64(0)])
    }
    let built = try BuiltTrace(file)
    #expect(built.reader.description.clock == .init(name: "x86-tsc", isTime: true))
    #expect(
      built.events.map(\.time.rawValue) == file.buffers[0].events.byCPU.map { $0.time.rawValue / 2 }
    )
  }

  @Test func `name vCPU threads by GUEST`() throws {
    let file = builder {
      $0.add(
        option: 13,
        words: [UInt64(7), UInt32(2), UInt32(0), UInt32(1_000), UInt32(1), UInt32(1_001)],
        text: "web1")
    }
    // The name comes first.
    let report = try BuiltTrace(file).report
    #expect(report.vcpus.map(\.identity.vm) == ["web1", "web1"])
    #expect(report.vcpus.map(\.identity.vcpu) == [0, 1])
    #expect(report.vcpus.map(\.identity.source) == [.trace, .trace])
  }

  @Test func `of TIME_SHIFT, with or without fraction bits, leave a guest's times alone`() throws {
    for fractions in [[], [UInt64(0)]] {
      let samples: [any FixedWidthInteger] = [UInt32(1), UInt64(5), UInt64(9_000), UInt64(1)]
      let file = builder {
        $0.add(
          option: 12, words: [UInt64(7), UInt32(0), UInt32(1)] + samples + fractions)
      }
      let built = try BuiltTrace(file)
      #expect(built.events == file.buffers[0].events.byCPU)
      #expect(built.ledger.entries.map(\.kind) == [.guestTime])
    }
  }

  @Test func `that claim more vCPUs than they hold are damage`() throws {
    let file = builder {
      $0.add(option: 13, words: [UInt64(7), UInt32.max, UInt32(0), UInt32(1_000)], text: "web1")
    }
    let built = try BuiltTrace(file)
    #expect(built.ledger.count(of: .damaged) == 1)
    #expect(built.ledger.entries[0].detail.terminal.contains("GUEST ends before its vCPUs"))
  }

  @Test func `say by CPUSTAT what was lost`() throws {
    let file = builder {
      for cpu in 0...1 {
        $0.add(
          option: 2,
          "CPU: \(cpu)\nentries: 0\noverrun: \(cpu * 5)\ndropped events: 2\nread events: 9\n")
      }
    }
    let report = try BuiltTrace(file).report
    #expect(report.tally.lost == [CPU(0): 2, CPU(1): 7])
    // Nothing says where: they may be anybody's.
    #expect(report.vcpus.allSatisfy { $0.figures.gaps == 1 })
    #expect(report.ledger.isIncomplete)
  }

  @Test func `chained in a loop end where they began`() throws {
    var file = builder { $0.version = 7 }.file
    // The last option of the section, DONE, holds the next section's offset: let it be its own.
    let first = 3 + 7 + 2 + 1 + 1 + 4 + 4 + 1 + 1
    let place = (0..<8).reduce(0) { $0 | Int(file[first + $1]) << ($1 * 8) }
    file.replaceSubrange(file.count - 8..<file.count, with: file[first..<first + 8])
    let built = try BuiltTrace(file)
    #expect(built.events.count > 100)
    #expect(built.ledger.entries.map(\.kind) == [.damaged])
    #expect(built.ledger.entries[0].detail.terminal.contains("byte \(place): the chain of options"))
  }
}

/// What trace-cmd prints of `file` is what polltrace reads.
private func expectEquality(
  _ builder: TraceBuilder, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = try TemporaryFile(builder.file)
  let (lines, complaints) = try Peer.report(file.path)
  let built = try BuiltTrace(builder)
  let mine = built.events.compactMap { Peer.line($0) }
  #expect(complaints == "", sourceLocation: sourceLocation)
  #expect(mine.sorted() == lines.compactMap(Peer.line).sorted(), sourceLocation: sourceLocation)
}

@Suite struct `The buffers of a trace.dat` {
  @Test(arguments: [6, 7])
  func `are read of every instance, and named`(version: Int) throws {
    let events = InventedHalts.events(60)
    var builder = TraceBuilder([])
    builder.version = version
    builder.buffers[0].emptyCPUs = [0, 1]
    builder.buffers.append(.init(name: "polltrace", events: events))
    let built = try BuiltTrace(builder)
    #expect(built.events == events.byCPU)
    #expect(built.reader.description.instances == ["polltrace"])
    #expect(built.report.vcpus.count == 2)
    #expect(built.ledger.entries.isEmpty)
  }

  @Test(arguments: [6, 7])
  func `give each its own events where several have some`(version: Int) throws {
    let events = InventedHalts.events(60, vcpus: 4)
    var builder = TraceBuilder(events.filter { $0.cpu.rawValue < 2 })
    builder.version = version
    builder.buffers.append(.init(name: "two", events: events.filter { $0.cpu.rawValue == 2 }))
    builder.buffers.append(.init(name: "three", events: events.filter { $0.cpu.rawValue == 3 }))
    let built = try BuiltTrace(builder)
    let wanted = events.byCPU
    #expect(built.events.count == wanted.count)
    #expect(zip(built.events, wanted).first { $0 != $1 } == nil)
    #expect(built.reader.description.instances == ["two", "three"])
  }

  @Test(arguments: [TraceBuilder.Compression.none, .zstd])
  func `may leave CPUs out`(compression: TraceBuilder.Compression) throws {
    var events = InventedHalts.events(60, vcpus: 3)
    for index in events.indices { events[index].cpu = CPU(events[index].cpu.rawValue * 97 + 3) }
    var builder = TraceBuilder(events)
    builder.version = 7
    builder.compression = compression
    let built = try BuiltTrace(builder)
    #expect(Set(built.events.map(\.cpu)) == [CPU(3), CPU(100), CPU(197)])
    #expect(built.events.filter { $0.cpu == CPU(100) }.count > 100)
    #expect(built.ledger.entries.isEmpty)
  }

  @Test func `of version 6 without an event system are no failure`() throws {
    var builder = TraceBuilder([])
    builder.buffers[0].emptyCPUs = [0]
    builder.hasEventSystems = false
    let built = try BuiltTrace(builder)
    #expect(built.events.isEmpty)
    #expect(built.report.ledger.count(of: .noHalts) == 1)
  }
}

@Suite struct `Events that nothing describes` {
  @Test func `are counted, and the report is incomplete`() throws {
    var builder = TraceBuilder(InventedHalts.events(20))
    builder.hasEventSystems = false
    let built = try BuiltTrace(builder)
    #expect(built.events.isEmpty)
    #expect(built.ledger.count(of: .unknownEvents) == built.tally.events)
    #expect(built.ledger.isIncomplete)
  }

  @Test func `are damage where their own format is`() throws {
    let builder = TraceBuilder(InventedHalts.events(20))
    var file = builder.file
    let name = Array("\tfield:__u64 ns;".utf8)
    let place = try #require(file.indices.first { file[$0...].starts(with: name) })
    file[place + 13] = 0x78
    let built = try BuiltTrace(file)
    #expect(built.ledger.entries[0].kind == .damaged)
    #expect(
      built.ledger.entries[0].detail.terminal.hasPrefix("format of kvm_vcpu_wakeup: expected"))
  }
}

@Suite struct `Lost events` {
  /// `count` after the tenth event of CPU 0.
  private func file(_ count: UInt64?, _ change: (inout TraceBuilder) -> Void = { _ in })
    -> TraceBuilder
  {
    var events = InventedHalts.events(30)
    let tenth = events.indices.filter { events[$0].cpu == CPU(0) }[10]
    events.insert(
      Event(
        time: events[tenth].time, cpu: CPU(0), thread: .idle, kind: .lost(count: count)),
      at: tenth)
    var builder = TraceBuilder(events)
    change(&builder)
    return builder
  }

  @Test(arguments: [false, true], [4, 8])
  func `are counted where the page says how many`(isBigEndian: Bool, long: Int) throws {
    let builder = file(4_711) { ($0.isBigEndian, $0.kernelLongSize) = (isBigEndian, long) }
    let built = try BuiltTrace(builder)
    #expect(built.events == builder.buffers[0].events.byCPU)
    #expect(built.tally.lost == [CPU(0): 4_711])
    let report = built.report
    #expect(report.lostEvents == 4_711)
    #expect(report.vcpus.map(\.figures.gaps) == [1, 0])
    #expect(report.ledger.isIncomplete)
  }

  @Test func `are a gap of unknown size where the page only says that there are some`() throws {
    let builder = file(nil)
    let built = try BuiltTrace(builder)
    #expect(built.events == builder.buffers[0].events.byCPU)
    #expect(built.tally.uncountedLosses == 1)
    #expect(built.report.ledger.isIncomplete)
  }

  @Test(.enabled(if: Peer.isThere, Peer.comment))
  func `are as many for trace-cmd`() throws {
    let file = try TemporaryFile(file(4_711).file)
    #expect(try Peer.text(file.path).contains("CPU:0 [4711 EVENTS DROPPED]"))
  }
}
