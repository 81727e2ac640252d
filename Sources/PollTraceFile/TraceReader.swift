package import PollTrace

/// One format of trace: bytes in, the same streams of events out.
///
/// A reader knows everything about its format and lets nothing of it out. It is shared by threads,
/// each of which reads another CPU's events.
package protocol TraceReader: AnyObject, Sendable {
  /// What the file says of itself.
  var description: TraceDescription { get }
  /// What was already found missing or damaged when the file was opened.
  var ledger: Ledger { get }

  /// Losses by CPU as the recorder counted them, which may be more than the pages show.
  var statedLosses: [CPU: UInt64] { get }
  /// When events were lost, where that is known before reading; else the sources say it.
  var losses: Losses { get }
  /// The time of the earliest event of any kind; nil where there is none.
  var begin: Timestamp? { get }
  /// The time of the latest one, where that is known without reading them all.
  var end: Timestamp? { get }

  /// What events that are no halts' tell of VMs; it may take another reading.
  func signs() -> VMSigns

  /// How many bytes the events take in the file, or would take in a trace.dat.
  var size: Int { get }

  /// Moments between which about as much lies to be read as `pages` pages of 4 KiB hold, in order.
  ///
  /// They only spread work: nothing that is read depends on them.
  func moments(every pages: Int) -> [Timestamp]

  /// How many sources of events there are: a CPU's each, or one of all.
  var sourceCount: Int { get }
  /// The events of source `number` from the trace's beginning.
  func source(_ number: Int) -> sending any EventSource
}

extension TraceReader {
  package var end: Timestamp? { nil }
  package var losses: Losses { Losses() }
  package func signs() -> VMSigns { VMSigns() }
}

/// The events of one CPU, or of all where the file has them in order, from the first to the last.
package protocol EventSource {
  /// Puts the events before `end` that were not read yet behind those in `batch`, in order of time.
  ///
  /// Events that say nothing about halts are counted and not handed over. Damage ends the page or
  /// section it lies in, is written to the tally's ledger, and reading goes on behind it.
  mutating func read(until end: Timestamp, into batch: inout EventBatch)
  /// What reading counted so far.
  var tally: ReadTally { get }
}
