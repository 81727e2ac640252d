import ArgumentParser
import PollTrace
import PollTraceCapture
import PollTraceReport

/// Where `polltrace top` may take its figures from.
enum TopSourceChoice: String, ExpressibleByArgument, CaseIterable { case auto, counters, trace }

/// Frames, one after the other, with what is said of the host.
final class TopSource {
  private let wanted: [String]
  private let choice: TopSourceChoice
  private var frames: any FrameSource
  let kernel = Untrusted(Machine.name.release)
  /// VMs that were asked for and have not been seen.
  private var missing: Set<Untrusted>
  private(set) var parameters = ModuleParameters.read()
  private var used = OwnTime.cpu
  /// Looks in a row in which no VM had a source but tracing.
  private var blindLooks = 0
  /// Why tracing, which would have shown more, could not begin.
  private var refusal: String?

  /// - Throws: `CaptureError` where a trace was asked for and cannot be made.
  init(wanted: [String], _ choice: TopSourceChoice) throws {
    self.wanted = wanted
    self.choice = choice
    missing = Set(wanted.map { Untrusted($0) })
    frames =
      choice == .trace ? try TraceFrames(wanted: wanted) : CounterFrames(wanted: wanted)
  }

  /// Where figures come from now.
  var kind: CountedVM.Source { frames.kind }

  /// A frame, with what is said of the host.
  struct Look {
    var frame: CounterFrame
    var head: TopHead
    /// Whether parameters are others than in the look before.
    var hasChanged: Bool
    /// Whether it is the first one from another source.
    var isOther: Bool
  }

  /// The next look.
  func next() throws -> Look {
    let begin = OwnTime.cpu
    var frame = try frames.next()
    let isOther = turnsToTrace(frame)
    if isOther { frame = try frames.next() }
    let read = OwnTime.cpu - begin
    if !missing.isEmpty {
      for vm in frame.vms.map(\.vm) { missing.subtract(["\(vm.process.rawValue)", vm.name]) }
    }
    let now = ModuleParameters.read()
    defer { parameters = now }
    let cpu = OwnTime.cpu
    defer { used = cpu }
    let share = frame.interval.flatMap { interval in
      interval > 0 ? Double((cpu - used).rawValue) / Double(interval.rawValue) : nil
    }
    let head = TopHead(
      kernel: kernel, parameters: now, ownShare: share, cpuTime: cpu, readTime: read,
      source: kind, remarks: refusal.map { ["no trace either: \($0)"] } ?? [])
    return Look(frame: frame, head: head, hasChanged: now != parameters, isOther: isOther)
  }

  /// Whether frames come from a trace from now on, as counters show no VM at all.
  ///
  /// Twice in a row: a VMM opens its statistics a little after its vCPUs.
  private func turnsToTrace(_ frame: CounterFrame) -> Bool {
    guard choice == .auto, kind == .counters, refusal == nil else { return false }
    let isBlind = !frame.vms.isEmpty && frame.vms.allSatisfy { $0.vm.source == .none }
    blindLooks = isBlind ? blindLooks + 1 : 0
    guard blindLooks > 1 else { return false }
    do {
      frames = try TraceFrames(wanted: wanted)
      return true
    } catch {
      refusal = (error as? CaptureError)?.explanation.terminal ?? "\(error)"
      return false
    }
  }

  /// Lets `length` pass; true where `other` ended the wait.
  func wait(for length: Nanoseconds, or other: WaitedFor? = nil) throws -> Bool {
    try frames.wait(for: length, or: other)
  }

  /// Waits until there is room to write to `descriptor`, and keeps up meanwhile; `look` is called ten times
  /// a second.
  func waitForRoom(_ descriptor: Int32, _ look: () throws -> Void = {}) throws {
    while try !frames.wait(for: 100_000_000, or: .room(descriptor)) { try look() }
  }

  /// Gives back all that is held: the tracing instance is gone then, for one.
  func letGo() { frames.letGo() }

  /// Says what a frame lacks; throws the exit code where it lacks something.
  func close(_ frame: CounterFrame) throws {
    for name in missing.map(\.terminal).sorted() {
      StandardError.say("polltrace: no VM \(name) runs")
    }
    let lost = frame.trace.map { $0.lostInAll > 0 || $0.isDamaged } ?? false
    if !missing.isEmpty || lost || frame.vms.contains(where: { $0.vm.lack != nil }) {
      throw ExitCode(2)
    }
  }
}
