import FoundationEssentials

/// What is in a trace, counted while it was made.
struct Truth: Encodable {
  var halts = 0
  var grows = 0
  var shrinks = 0
  var attempted_polls = 0
  var successful_polls = 0
  var block_ns_sum: UInt64 = 0

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    var file = try FileSink(path: path)
    file.write(Array(try encoder.encode(self)))
    try file.finish()
  }
}
