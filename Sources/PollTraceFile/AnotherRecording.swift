internal import PollTrace

/// A recording behind the end of another in one file, as `cat a.dat b.dat` makes it.
///
/// What a file says of itself ends with the first one: the second would not be missed.
enum AnotherRecording {
  /// How far behind the end one is looked for.
  private static let searched = 1 << 20

  /// Whether a trace.dat or a perf.data begins at byte `place` of `file`.
  static func begins(_ file: Bytes, at place: Int) -> Bool {
    begins(file, at: place, [TraceDatHeader.magic] + PerfHeader.beginnings)
  }

  /// Throws where one begins behind byte `end` of `file`, a trace.dat.
  ///
  /// - Throws: `TraceFileError` with the byte at which it begins.
  static func refuse(_ file: Bytes, behindTraceDat end: Int, path: String) throws(TraceFileError) {
    try refuse(file, end, [TraceDatHeader.magic] + PerfHeader.beginnings, path: path)
  }

  /// Throws where one begins behind byte `end` of `file`, a perf.data.
  ///
  /// It has the beginning of a trace.dat among its features, which lie behind an `end` that damage moved.
  ///
  /// - Throws: `TraceFileError` with the byte at which it begins.
  static func refuse(_ file: Bytes, behindPerfData end: Int, path: String) throws(TraceFileError) {
    if end > 0, begins(file, at: end) { throw error(at: end, path: path) }
    try refuse(file, end, PerfHeader.beginnings, path: path)
  }

  private static func refuse(
    _ file: Bytes, _ end: Int, _ beginnings: [[UInt8]], path: String
  ) throws(TraceFileError) {
    guard end > 0, end < file.count else { return }
    for place in end..<min(file.count, end.plus(searched))
    where begins(file, at: place, beginnings) { throw error(at: place, path: path) }
  }

  private static func error(at place: Int, path: String) -> TraceFileError {
    TraceFileError(path: path, offset: place, problem: .severalRecordings)
  }

  private static func begins(_ file: Bytes, at place: Int, _ beginnings: [[UInt8]]) -> Bool {
    beginnings.contains { file.part(place, $0.count)?.starts(with: $0) ?? false }
  }
}
