internal import PollTrace

/// What a trace.dat says before its events, in whichever version of the format.
struct TraceDatHeader {
  /// `trace.dat v6` or `trace.dat v7`.
  var format: String
  var isBigEndian: Bool
  /// Bytes of a page of the machine that recorded; a buffer may have larger sub-buffers.
  var pageSize: UInt32
  /// The kernel's own description of a ring-buffer page (`events/header_page`).
  var pageLayout = PageLayout()
  /// The texts of the events' formats, by system.
  var formats: [(system: String, text: Bytes)] = []
  /// `pid comm` lines, as in `saved_cmdlines`.
  var names: Bytes?
  var options: [Option] = []
  var buffers: [Buffer] = []
  /// CPUs that the header counts, with a buffer or not.
  var cpus = 0
  /// The line of all clocks with the used one in brackets, where the version has it.
  var clocks: String?
  /// Damage behind which reading could go on.
  var ledger = Ledger()

  /// How many bytes a page or a sub-buffer may have.
  static let pageSizes: ClosedRange<UInt32> = 64...1 << 24

  /// Something that the recorder added to the header.
  struct Option {
    var id: UInt16
    /// Where it stands in the file, in bytes.
    var offset: Int
    var content: Bytes
  }

  /// The ring buffers of one instance; the top one has no name.
  struct Buffer {
    var name: String
    var clock: String?
    var pageSize: UInt32
    var cpus: [CPUData]
  }

  /// What one CPU's buffer holds, page after page.
  struct CPUData {
    var cpu: CPU
    /// Where it lies in the file, in bytes.
    var offset: UInt64
    var size: UInt64
    /// How its pages are compressed, if they are.
    var compression: Compression?
  }
}

extension TraceDatHeader {
  /// Behind the last CPU's data in `file`; where those are cut or compressed, at or before their end.
  func end(in file: Bytes) -> Int {
    let data = buffers.flatMap(\.cpus).filter { $0.size > 0 && $0.offset < UInt64(file.count) }
    guard let last = data.max(by: { $0.offset < $1.offset }) else { return 0 }
    let offset = Int(last.offset)
    guard let compression = last.compression else {
      return Int(clamping: last.offset.plus(last.size))
    }
    let rest = file.part(offset, file.count - offset) ?? file
    let chunks = ChunkTable(in: rest, stated: last.size, compression, isBigEndian: isBigEndian)
    return chunks.chunks.last.map { offset + $0.offset + $0.compressedSize } ?? offset
  }
}

/// Where the parts of a ring-buffer page lie (`events/header_page`).
struct PageLayout: Hashable, Sendable {
  /// The word with the length of the data and the flags: 4 or 8 bytes, as the kernel's long is.
  var commitOffset = 8
  var commitSize = 8
  /// Where events begin.
  var dataOffset = 16

  init() {}

  /// As the kernel's text says; nil where that makes no page.
  init?(text: String) {
    var lines: [String: FormatText.Field] = [:]
    for field in FormatText(text).fields { lines[field.name] = field }
    guard let commit = lines["commit"], let data = lines["data"],
      lines["timestamp"].map({ $0.offset == 0 && $0.size == 8 }) ?? true,
      commit.size == 4 || commit.size == 8, (8...64).contains(commit.offset),
      (commit.offset + commit.size...128).contains(data.offset)
    else { return nil }
    commitOffset = commit.offset
    commitSize = commit.size
    dataOffset = data.offset
  }
}
