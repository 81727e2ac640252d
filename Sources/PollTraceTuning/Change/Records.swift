import FoundationEssentials
import PollTrace
import PollTraceCapture

/// Records in the state folder, as JSON.
enum Records {
  static func bytes(_ record: some Encodable) throws(TuningError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(record)) + [UInt8(ascii: "\n")]
    } catch { throw .failed("the change cannot be written down: \(error)", nil) }
  }

  /// Nil where the bytes are not such a record.
  static func read<Record: Decodable>(_ bytes: [UInt8], as _: Record.Type) -> Record? {
    try? JSONDecoder().decode(Record.self, from: Data(bytes))
  }

  /// Now, in UTC.
  static var now: String { Date.now.ISO8601Format() }
  /// A name that no other change has.
  static var newID: String { String(UUID().uuidString.lowercased().prefix(13)) }
}
