import FoundationEssentials

/// What is in a trace, counted while it was made.
struct Truth: Encodable {
  var halts = 0
  var grows = 0
  var shrinks = 0
  var attempted_polls = 0
  var successful_polls = 0
  /// Polls whose vCPU was switched out before their window ended.
  var abandoned_polls = 0
  var block_ns_sum: UInt64 = 0
  /// Time from the wakings to the wake-ups, in ns.
  var wake_latency_ns_sum: UInt64 = 0
  /// `sched_waking` and `sched_switch`.
  var scheduler_events = 0

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    var file = try FileSink(path: path)
    file.write(Array(try encoder.encode(self)))
    try file.finish()
  }
}
