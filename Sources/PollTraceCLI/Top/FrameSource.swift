import PollTrace
import PollTraceAnalysis
import PollTraceCapture
import PollTraceFile
import PollTraceStatistics

/// Where frames of the live view come from.
protocol FrameSource: AnyObject {
  var kind: CountedVM.Source { get }
  /// What came since the last time.
  func next() throws -> CounterFrame
  /// Lets `length` pass, and keeps up with what happens meanwhile; true where `other` ended the wait.
  func wait(for length: Nanoseconds, or other: WaitedFor?) throws -> Bool
  /// Gives back all that is held, as before a time in which nobody can keep up; `next` takes it anew.
  func letGo()
}

/// Frames of KVM's own counters.
final class CounterFrames: FrameSource {
  private let statistics: KVMStatistics
  private var watch = CounterWatch()
  let kind = CountedVM.Source.counters

  init(wanted: [String]) { statistics = KVMStatistics(wanted: wanted) }

  func next() -> CounterFrame { watch.take(statistics.sample()) }
  func wait(for length: Nanoseconds, or other: WaitedFor?) -> Bool {
    statistics.wait(for: length, or: other)
  }
  func letGo() { statistics.letGo() }
}

/// Frames of halts as they are traced.
final class TraceFrames: FrameSource {
  private struct Live {
    let recording: LiveRecording
    var analysis: LiveAnalysis
    var watch: TraceWatch
    /// Until when events were followed.
    var followed: Timestamp
  }

  private let wanted: [String]
  private var live: Live?
  let kind = CountedVM.Source.trace

  /// So often pages are taken at least: a buffer of 4 MiB lasts for a second of 80,000 events.
  private static let patience: Nanoseconds = 100_000_000
  /// The pause after buffers that filled up were emptied.
  private static let breath: Nanoseconds = 10_000_000

  /// Begins to trace.
  ///
  /// - Throws: `CaptureError` where that cannot be done.
  init(wanted: [String]) throws {
    self.wanted = wanted
    try begin()
  }

  private func begin() throws {
    let recording = try LiveRecording(vms: wanted)
    if !recording.removed.isEmpty {
      RecordingMessages().note(.removed(recording.removed))
    }
    let pages = LivePages(
      cpus: recording.cpus, pageSize: recording.pageSize, headerPage: recording.headerPage,
      formats: recording.formats)
    let now = Machine.now
    live = Live(
      recording: recording, analysis: LiveAnalysis(pages, recording.recorded),
      watch: TraceWatch(begin: now, isSelective: !wanted.isEmpty), followed: now)
  }

  func next() throws -> CounterFrame {
    try follow()
    guard var live else { return CounterFrame(time: Machine.now, interval: nil) }
    self.live = nil
    let running = live.recording.running
    let tracks = live.analysis.harvest(at: live.followed, running)
    var frame = live.watch.take(
      tracks, running: running, lost: live.recording.losses(), at: live.followed)
    frame.trace?.isDamaged = !live.analysis.ledger.entries.isEmpty
    live.analysis.keep(live.watch.threads)
    self.live = live
    return frame
  }

  /// Follows all that has happened but for the last moment.
  private func follow() throws {
    if live == nil { try begin() }
    guard var live else { return }
    // Moved out, as its parts are changed in place.
    self.live = nil
    defer { self.live = live }
    let end = max(live.followed, Machine.now - LiveRecording.slack)
    if try live.recording.keepUp() {
      live.analysis.obey(live.recording.recorded)
    }
    let analysis = live.analysis
    try live.recording.read { cpu, pages in analysis.add(pages, of: cpu) }
    live.analysis.follow(until: end)
    live.followed = end
  }

  func wait(for length: Nanoseconds, or other: WaitedFor?) throws -> Bool {
    let end = Machine.now + length
    var pause = Nanoseconds.zero
    while true {
      let left = min(end - Machine.now, Self.patience)
      // Where a kernel says "readable" of every page, that is no reason to look at each.
      let files = pause == .zero ? live?.recording.descriptors ?? [] : []
      let outcome = Waiting.wait(
        for: files, or: other, atMost: pause == .zero ? left : min(pause, left))
      if outcome.hasCome { return true }
      if Machine.now >= end { return false }
      if pause == .zero { try follow() }
      pause = outcome.ready.isEmpty ? .zero : Self.breath
    }
  }

  func letGo() { live = nil }
}
