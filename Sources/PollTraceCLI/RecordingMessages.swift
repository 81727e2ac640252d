import ArgumentParser
import PollTrace
import PollTraceCapture
import PollTraceReport

/// What `polltrace record` says while it works, on standard error.
struct RecordingMessages {
  private let isTerminal = Terminal.isTerminal(2)

  /// Says what was changed in tracefs.
  func note(_ note: RecordingNote) {
    switch note {
    case .removed(let names):
      StandardError.say(
        "polltrace: removed from tracefs what recorders that were killed left there:"
          + " \(names.map { Untrusted($0).terminal }.joined(separator: ", "))")
    case .beganInGuest(let instance, let events, let cpus):
      StandardError.say(
        "polltrace: recording \(events.joined(separator: ", ")) of"
          + " \(Self.subject(vms: 0, vcpus: 0, guestCPUs: cpus)); made \(Untrusted(instance).terminal),"
          + " removed at the end")
    case .began(let instance, let events, let vms, let vcpus):
      if vcpus == 0 {
        StandardError.say("polltrace: no VM runs yet; those that start are recorded")
      }
      StandardError.say(
        "polltrace: recording \(events.joined(separator: ", ")) of \(Self.count(vcpus, "vCPU")) in"
          + " \(Self.count(vms, "VM")); made \(Untrusted(instance).terminal), removed at the end")
    }
  }

  /// What is recorded.
  private static func subject(vms: Int, vcpus: Int, guestCPUs: Int?) -> String {
    guestCPUs.map { "\(count($0, "CPU")) of this guest" }
      ?? "\(count(vcpus, "vCPU")) in \(count(vms, "VM"))"
  }

  /// Shows how far it is, in one line that is written over.
  func progress(_ state: RecordingProgress) {
    guard isTerminal else { return }
    let time = state.left.map { "\(Self.seconds($0)) left" } ?? Self.seconds(state.elapsed)
    var error = StandardError()
    print(
      "\r\u{1b}[K\(time), \(state.guestCPUs.map { Self.count($0, "CPU") } ?? Self.count(state.vcpus, "vCPU")),"
        + " \(Numbers.grouped(state.events)) events, \(Self.megabytes(state.bytes)),"
        + " \(Self.lost(state.lost))", terminator: "", to: &error)
  }

  /// Says what was recorded; throws the exit code where that is not 0.
  func close(_ summary: RecordingSummary, _ output: OSString) throws {
    if isTerminal {
      var error = StandardError()
      print("\r\u{1b}[K", terminator: "", to: &error)
    }
    StandardError.say(
      "polltrace: \(Self.reason(summary.end)): recorded \(Numbers.time(summary.length)),"
        + " \(Self.subject(vms: summary.vms, vcpus: summary.vcpus, guestCPUs: summary.guestCPUs)),"
        + " \(Self.events(summary)) events, \(Self.megabytes(summary.bytes)) in"
        + " \(output.shown); \(Self.lost(summary.lost))")
    if case .failure(let error) = summary.end {
      StandardError.say("polltrace: \(error)")
      throw ExitCode(1)
    }
    guard summary.lost > 0 else {
      StandardError.say(
        summary.vcpus == 0 && summary.guestCPUs == nil
          ? "polltrace: no VM ran, so there is nothing to recommend from; record while one does"
          : "Next: polltrace recommend \(output.shown)")
      return
    }
    StandardError.say(
      "polltrace: the buffers overflowed; record again with bigger ones (--buffer-size 64M)")
    throw ExitCode(2)
  }

  /// Says what was recovered.
  static func recovered(_ bytes: Int, _ output: OSString) {
    StandardError.say(
      "polltrace: made \(output.shown) (\(megabytes(bytes))) of a recording that was cut off; it may lack"
        + " what was not yet on disk")
  }

  /// How many events were recorded: what was on its way when the disk was full is in no file.
  private static func events(_ summary: RecordingSummary) -> String {
    let events = Numbers.grouped(summary.events)
    if case .failure = summary.end { return "at most \(events)" }
    return events
  }

  private static func reason(_ end: RecordingSummary.End) -> String {
    switch end {
    case .duration: "done"
    case .signal(let name): "ended by \(name)"
    case .command(0): "command done"
    case .command(nil): "command ended"
    case .command(let status?): "command ended with exit status \(status)"
    case .failure: "ended early"
    }
  }

  private static func lost(_ count: UInt64) -> String {
    count == 0 ? "none lost" : "\(Numbers.grouped(count)) lost"
  }

  private static func count(_ count: Int, _ noun: String) -> String {
    "\(Numbers.grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }

  private static func seconds(_ length: Nanoseconds) -> String {
    "\(Numbers.fixed(Double(length.rawValue) / 1e9, 0)) s"
  }

  private static func megabytes(_ bytes: Int) -> String {
    "\(Numbers.fixed(Double(bytes) / 1e6, 1)) MB"
  }
}
