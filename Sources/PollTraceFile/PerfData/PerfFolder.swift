internal import PollTrace

/// A folder as `perf record --threads` writes it: `data` with all but the samples, and beside it `data.0`,
/// `data.1` and so on, each with the bare records that one thread of perf has read.
///
/// linux tools/perf/util/data.c, `perf_data__create_dir()`; feature DIR_FORMAT of perf.data-file-format.txt.
enum PerfFolder {
  /// The file in the folder at `path` that names all others.
  static func index(in path: OSString) -> OSString {
    path.bytes.last == UInt8(ascii: "/") ? path + "data" : path + "/data"
  }

  /// The parts beside the file at `path`, which says that there are some.
  ///
  /// - Throws: what keeps one from being read; `.lacksParts` where there is none.
  static func parts(of path: OSString) throws(TraceFileError) -> [(name: String, records: Bytes)] {
    var parts: [(name: String, records: Bytes)] = []
    while true {
      let name = "data.\(parts.count)"
      do throws(TraceFileError) {
        let part = try FileContent(path + ".\(parts.count)") { _ in true }
        parts.append((name, part.bytes))
      } catch {
        guard case .unreadable(code: 2, _) = error.problem else { throw error }
        guard !parts.isEmpty else { throw TraceFileError(path: path.shown, problem: .lacksParts) }
        return parts
      }
    }
  }

  /// Whether `file` looks like such a part: records from its first byte on.
  static func isPart(_ file: Bytes) -> Bool {
    hasRecords(file, LittleEndian.self) || hasRecords(file, BigEndian.self)
  }

  private static func hasRecords<Order: ByteOrder>(_ file: Bytes, _: Order.Type) -> Bool {
    var (position, records) = (0, 0)
    while position + 8 <= file.count, records < 4 {
      let kind = Order.native(file.load(position, as: UInt32.self))
      let size = Int(Order.native(file.load(position + 6, as: UInt16.self)))
      guard PerfRecordKind.isKnown(kind), size >= 8, size % 8 == 0, position + size <= file.count
      else { return false }
      position += size
      records += 1
    }
    return records == 4 || (records > 0 && position == file.count)
  }
}
