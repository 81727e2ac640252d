internal import PollTrace

/// Whose polling a part of the page is about, and the words for it.
enum PageSide {
  case host, guest

  var halt: String { self == .host ? "halt" : "idle time" }
  var halts: String { self == .host ? "halts" : "idle times" }
  var vcpu: String { self == .host ? "vCPU" : "CPU" }
  var vm: String { self == .host ? "VM" : "guest" }
  /// The length of a halt as JSON and CSV have it.
  var length: String { self == .host ? "block_ns" : "idle_ns" }
  var window: String { self == .host ? "window" : "limit" }
  /// What bounds it.
  var ceiling: String { self == .host ? "ceiling" : "guest_halt_poll_ns" }
  var sleeps: String { self == .host ? "sleeps" : "halts" }
  var slept: String { self == .host ? "slept" : "halted" }
}

/// What pictures show of a vCPU or of a guest's CPU, or of several together: one shape for both sides.
struct Pictured {
  var gaps: UInt64
  /// Halts, or a guest's idle times, and how long they lasted.
  var count: UInt64
  var lengths: Histogram
  var grows: UInt64
  var shrinks: UInt64
  var windows: WindowShares

  init(_ figures: Figures) {
    (gaps, count, lengths) = (figures.gaps, figures.measures.halts, figures.measures.block)
    (grows, shrinks) = (figures.measures.grows, figures.measures.shrinks)
    windows = figures.windows
  }

  init(_ figures: IdleFigures) {
    (gaps, count, lengths) = (figures.gaps, figures.idles, figures.idle)
    (grows, shrinks, windows) = (figures.grows, figures.shrinks, figures.windows)
  }
}

/// The longest that a window may become, over time.
struct Ceilings {
  /// At the end, in ns.
  var last: UInt32
  /// From the beginning on: those that parameters gave, or the VM's own.
  var steps: [(since: Timestamp, ceiling: UInt32)]
  /// Each change of parameters, in words.
  var changes: [(since: Timestamp, words: String)]

  init(_ vcpu: VCPUReport, _ trace: TraceReport) {
    last = vcpu.ceiling
    steps =
      vcpu.ceilingSource == .inferred
      ? [(Timestamp(0), vcpu.ceiling)]
      : trace.settings.changes.map { ($0.since, $0.parameters.ceiling) }
    changes = trace.settings.changes.dropFirst().map {
      ($0.since, TextReport.words($0.parameters))
    }
  }

  init(_ guest: GuestReport) {
    steps = guest.settings.changes.map { ($0.since, $0.parameters.most) }
    last = steps.last?.ceiling ?? 0
    changes = guest.settings.changes.dropFirst().map { ($0.since, $0.parameters.words) }
  }

  /// The one in force at `time`.
  func at(_ time: Timestamp) -> UInt32 {
    steps.last { $0.since <= time }?.ceiling ?? steps[0].ceiling
  }
}
