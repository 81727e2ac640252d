package import PollTrace

/// The pages of a recording that is being made, read back from its parts.
///
/// What is measured while recording and what the trace holds are the same events. The recording's instance
/// cannot go as long as this is there.
package final class RecordedPages {
  private final class Part {
    let reader: CPUReader
    let file: File
    /// Bytes that were handed out.
    var done = 0

    init(_ reader: CPUReader, _ file: consuming File) {
      self.reader = reader
      self.file = file
    }
  }

  private var parts: [Part] = []
  /// Where pages begin in a part.
  private let room: Int
  private let path: OSString
  /// Says how to read the pages: `events/header_page`, and the events' formats by system.
  package let headerPage: [UInt8]
  package let formats: [(system: String, text: [UInt8])]
  /// So much is read at once.
  private static let stride = 4 << 20

  init(
    _ readers: [CPUReader], _ parts: RecordingParts, of instance: borrowing TraceInstance,
    _ events: [EventName]
  ) throws(CaptureError) {
    room = parts.room
    path = parts.path
    do throws(SystemError) {
      for reader in readers {
        let file = try parts.folder.open(RecordingParts.name(cpu: reader.cpu), for: .reading)
        self.parts.append(Part(reader, file))
      }
    } catch { throw CaptureError(error, output: path) }
    headerPage = try TraceFS.headerPage()
    formats = try instance.formats(of: events)
  }

  /// Bytes of a page.
  package var pageSize: Int { Machine.pageSize }
  package var cpus: [CPU] { parts.map { CPU(UInt32($0.reader.cpu)) } }
  /// Bytes that were recorded and not handed out yet.
  package var waiting: Int { parts.reduce(0) { $0 + $1.reader.bytes - $1.done } }

  /// Hands over the pages that came since the last time, those being written as far as they are.
  ///
  /// - Throws: where the parts cannot be written or read.
  package func read(_ take: (CPU, [UInt8]) -> Void) throws(CaptureError) {
    do throws(SystemError) {
      for part in parts {
        try part.reader.flush()
        let end = part.reader.bytes
        while part.done < end {
          let begin = room + part.done
          let bytes = try part.file.read(begin..<min(room + end, begin + Self.stride))
          guard !bytes.isEmpty else { break }
          take(CPU(UInt32(part.reader.cpu)), bytes)
          part.done += bytes.count
        }
      }
    } catch { throw CaptureError(error, output: path) }
  }
}

extension TraceInstance {
  /// The formats of `events`, each with its system.
  func formats(
    of events: [EventName]
  ) throws(CaptureError) -> [(system: String, text: [UInt8])] {
    var formats: [(system: String, text: [UInt8])] = []
    for event in events {
      let path = "\(directory)/\(event.directory)/format"
      do { formats.append((event.system, try Paths.bytes(path))) } catch {
        throw CaptureError(error, path, "cannot be read")
      }
    }
    return formats
  }
}

extension TraceFS {
  /// What says how to read pages.
  static func headerPage() throws(CaptureError) -> [UInt8] {
    let path = "\(directory ?? "")/events/header_page"
    do { return try Paths.bytes(path) } catch {
      throw CaptureError(error, path, "cannot be read")
    }
  }
}
