import PollTrace
import PollTraceCapture
import PollTraceStatistics
import PollTraceTrial

/// Where the measures of a trial's blocks come from.
protocol BlockSource: AnyObject {
  /// The recording that runs beside has begun.
  func begin(_ pages: RecordedPages)
  /// Keeps up with what happens: called each second, and at each switch.
  func keepUp(_ state: RecordingState) throws
  /// From now on it is measured.
  func settle(_ state: RecordingState) throws
  /// What was measured since, and the same by another source.
  func measure(_ state: RecordingState) throws -> (measure: BlockMeasure, counted: BlockMeasure?)
  /// What is to be said of what was measured.
  var remarks: SourceRemarks { get }
  /// Lets go of all that is held.
  func letGo()
}

/// What a source has to say of its measures: sentences.
struct SourceRemarks {
  /// What is to be known.
  var notes: [String] = []
  /// What makes figures doubtful.
  var doubts: [String] = []
  /// VMs that the setting's limit does not reach.
  var unreached: [TrialReport.UnreachedVM] = []

  /// Doubts what was recorded where decisions contradict the rules, or parts cannot be read.
  mutating func doubtRecording(contradicted: UInt64, isDamaged: Bool) {
    if contradicted > 0 {
      doubts.append(
        "\(contradicted) decisions contradict the rules of this kernel: see polltrace report.")
    }
    if isDamaged { doubts.append("Parts of what was recorded cannot be read.") }
  }
}

/// The guards, which every source has: how much others want the CPUs.
struct LoadWatch {
  private var last = HostLoad()

  mutating func begin() { last = HostLoad() }

  /// Puts what was from `begin` until `now` into `measure`.
  func put(_ now: HostLoad, into measure: inout BlockMeasure) {
    measure.pressure = now.pressure(since: last)
    measure.steal = now.steal(since: last)
  }
}
