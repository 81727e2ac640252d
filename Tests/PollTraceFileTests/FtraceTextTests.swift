import Fixtures
import Foundation
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// The event in one line of text, and what the ledger says of it.
private func event(_ line: String) throws -> (event: Event?, ledger: Ledger) {
  // The first line makes it a trace.
  let start = "   other-7     [003] d..1.     1.000000: other: x\n"
  let reader = try open((start + line + "\n").utf8)
  return (everything(in: reader).events.first, reader.ledger)
}

@Suite struct `A line of text` {
  private static let halt = Event.Kind.wakeup(block: 94_651, ending: .slept, isValid: true)
  private static let place =
    (time: Timestamp(9_840_236_856_000), cpu: CPU(1), thread: ThreadID(16_446))

  @Test(arguments: [
    "       CPU 1/KVM-16446   [001] ..... 9840.236856: ",
    "       CPU 1/KVM-16446   (  16440) [001] d..2. 9840.236856: ",
    "       CPU 1/KVM-16446   (-------) [001] d..2. 9840.236856: ",
    "       CPU 1/KVM-16446 [001]  9840.236856: ",
    "CPU 1/KV-16446   1.....  9840.236856: ",
    "       CPU 1/KVM 16446 [001] 9840.236856:  kvm:",
    "       CPU 1/KVM 16440/16446 [001] 9840.236856:          1   kvm:",
    "> CPU 1/KVM-16446 [001] 9840.236856000: ",
    // Names that look like the rest of a line.
    "  a-1 [0] 1.0: k:-16446   [001] ..... 9840.236856: ",
    "kvm_vcpu_wakeup:-16446   [001] ..... 9840.236856: ",
    "      [000] 1.0:  16446 [001] 9840.236856: kvm:",
  ])
  func `is read from its right end`(context: String) throws {
    for content in [
      "wait time 94651 ns, polling valid", "     wait time 94651 ns, polling valid\r",
      "ns=94651 waited=1 valid=1", "wait time 94651 ns",
    ] {
      let (event, ledger) = try event("\(context)kvm_vcpu_wakeup: \(content)")
      let found = try #require(event)
      #expect(found.kind == Self.halt)
      #expect((found.time, found.cpu, found.thread) == Self.place)
      #expect(ledger.entries.isEmpty)
    }
  }

  @Test(
    arguments: [
      ("poll time 0 ns, polling valid", .wakeup(block: 0, ending: .polled, isValid: true)),
      ("poll time 7 ns, polling invalid", .wakeup(block: 7, ending: .polled, isValid: false)),
      ("ns=8 waited=0 valid=0", .wakeup(block: 8, ending: .polled, isValid: false)),
    ] as [(String, Event.Kind)])
  func `says how a halt ended`(content: String, kind: Event.Kind) throws {
    let (event, _) = try event("a-16446 [001] 9840.236856: kvm_vcpu_wakeup: \(content)")
    #expect(event?.kind == kind)
  }

  @Test(arguments: [
    "vcpu 1: halt_poll_ns 10000 (grow 5000)", "grow=1 vcpu_id=1 new=10000 old=5000",
  ])
  func `says how a window moved`(content: String) throws {
    let (event, _) = try event("a-16446 [001] 9840.236856: kvm_halt_poll_ns: \(content)")
    #expect(event?.kind == .decision(Decision(.grow, vcpu: 1, old: 5_000, new: 10_000)))
  }

  @Test(
    arguments: [
      (".....", .task), ("d.h2.", .interrupt), ("d.s2.", .interrupt), ("d.H2.", .interrupt),
      ("", .unknown),
    ] as [(String, WakingContext)])
  func `says who woke, and whether as an interrupt`(
    flags: String, context: WakingContext
  ) throws {
    for name in ["CPU 1/KVM", "x pid=3 prio=4 ", "sched_waking: "] {
      let (event, _) = try event(
        "a-5 [001] \(flags) 9.000001: sched_waking: comm=\(name) pid=12 prio=-1 target_cpu=003")
      #expect(event?.thread == ThreadID(5))
      #expect(event?.kind == .waking(woken: ThreadID(12), target: CPU(3), context: context))
    }
  }

  @Test(arguments: [
    (
      "prev_comm=A prev_pid=5 prev_prio=120 prev_state=S ==> next_comm=B next_pid=6 next_prio=-1",
      false
    ),
    (
      "prev_comm=A prev_pid=5 prev_prio=120 prev_state=R+ ==> next_comm=B next_pid=6 next_prio=9",
      true
    ),
    ("prev_comm=A prev_pid=5 prev_prio=120 prev_state=1 next_comm=B next_pid=6 next_prio=9", false),
    (
      "prev_comm=A prev_pid=5 prev_prio=9 prev_state=0x100 next_comm=B next_pid=6 next_prio=9", true
    ),
    (
      "prev_comm= prev_pid=1  prev_pid=5 prev_prio=9 prev_state=R ==> next_comm= ==> next_comm= next_pid=6 next_prio=9",
      true
    ),
    ("A:5 [120] S ==> B c:1:6 [120]", false), ("A:5 [-1] R ==> swapper/0:6 [120]", true),
  ])
  func `says who left the CPU to whom`(content: String, isRunnable: Bool) throws {
    let (event, ledger) = try event("A-5 [001] d..2. 9.000001: sched_switch: \(content)")
    #expect(ledger.count(of: .unreadLines) == 0)
    #expect(event?.thread == ThreadID(5))
    #expect(event?.kind == .switched(next: ThreadID(6), stillRunnable: isRunnable))
  }

  @Test(arguments: [
    "a-5 [001] 9.000001: kvm_vcpu_wakeup: wait time 5 n",
    "a-5 [001] 9.000001: kvm_vcpu_wakeup: wait time ns, polling valid",
    "a-5 [001] 9.000001: kvm_vcpu_wakeup: wait time 99999999999999999999 ns, polling valid",
    "a-5 [001] 9.000001: kvm_halt_poll_ns: vcpu 1: halt_poll_ns 4294967296 (grow 1)",
    "a-5 [001] 9.000001: kvm_halt_poll_ns: vcpu 1: halt_poll_ns 10 (grow 1",
    "a-5 [0x1] 9.000001: kvm_vcpu_wakeup: wait time 5 ns, polling valid",
    "a-5 [001] 9;000001: kvm_vcpu_wakeup: wait time 5 ns, polling valid",
    "a-5 [001] 9.000001: kvm_vcpu_wakeup: wait time 5 ns, polling validated",
    "a-5 [001] 9.000001: kvm_vcpu_wakeup: ns=5 waited=1 valid",
    "a-5 [001] 9.000001: kvm_vcpu_wakeup: ns=0xc3c2 (50114 waited=(1) valid=(1)",
  ])
  func `that cannot be understood is named by its number`(line: String) throws {
    let (event, ledger) = try event(line)
    // An event of anybody's may be lost with it.
    #expect(event?.kind == .lost(count: nil))
    #expect(ledger.count(of: .unreadLines) == 1)
    #expect(ledger.entries.first?.detail.terminal.hasPrefix("line 2: expected '") == true)
  }

  @Test(arguments: ["I wonder what it is", "see above", ">>> 12:30: hello"])
  func `that is no event is counted`(line: String) throws {
    let (event, ledger) = try event(line)
    #expect(event == nil)
    #expect(ledger.entries.map(\.kind) == [.foreignLines])
  }

  @Test func `of a clock that counts something else has no rates`() throws {
    let lines = (17...19).map {
      "CPU 0/KVM-42 [000] ..... \($0): kvm_vcpu_wakeup: wait time 50000 ns, polling valid\n"
    }
    let report = report(of: try open(lines.joined().utf8))
    #expect(report.duration == nil)
    #expect(report.vcpus.first?.figures.measures.block.sum == 150_000)
    #expect(report.ledger.count(of: .clockIsNotTime) == 1)
  }

  @Test(
    arguments: [
      ("CPU:3 [LOST 12 EVENTS]", 12), ("CPU:3 [LOST EVENTS]", nil),
      ("CPU:3 [12 EVENTS DROPPED]", 12), ("##### CPU 3 buffer started ####", nil),
      ("  perf 1 [003] 2.000001: PERF_RECORD_LOST lost 12", 12),
    ] as [(String, UInt64?)])
  func `tells of lost events`(line: String, count: UInt64?) throws {
    let (event, _) = try event(
      line + "\na-5 [003] 9.000001: kvm_vcpu_wakeup: wait time 5 ns, polling valid")
    #expect(event?.kind == .lost(count: count))
    #expect(event?.cpu == CPU(3))
    #expect(event?.time == Timestamp(9_000_001_000))
  }
}

@Suite struct `A text that trace-cmd 3.3 printed` {
  @Test(arguments: ["trace-cmd-3.3", "trace-cmd-3.3-raw", "trace-cmd-3.3-raw-short"])
  func `has the same halts and wakers as the trace.dat`(name: String) throws {
    let text = report(of: try TraceFormats.open(path: Fixtures.trace("\(name).txt.gz")))
    let trace = report(of: try TraceFormats.open(path: Fixtures.trace("guest.dat")))
    #expect(text.tally.events == trace.tally.events)
    #expect(text.vcpus.map(\.figures.measures) == trace.vcpus.map(\.figures.measures))
    #expect(text.vcpus.map(\.figures.measures.wokenByInterrupt) == [51, 43])
    #expect(text.ledger.count(of: .unreadLines) == 0)
  }
}

@Suite(
  .enabled(if: Tool.isThere("/usr/bin/trace-cmd"), "needs trace-cmd (apt-get install trace-cmd)"))
struct `A text that trace-cmd prints` {
  /// The events as a text with `options` has them: as exact in time, with or without flags.
  private func comparable(_ events: [Event], _ options: [String], hasFlags: Bool) -> [Event] {
    let vcpus = Set(events.lazy.filter { $0.what == .wakeup }.map(\.subject))
    return events.lazy.filter { $0.what != .lost }.map { event in
      var event = Event(
        time: event.time, cpu: event.cpu, thread: event.thread, kind: event.kind)
      if !options.contains("-t") {
        event.time = Timestamp((event.time.rawValue + 500) / 1_000 * 1_000)
      }
      if event.what == .waking, !hasFlags { (event.flag, event.isValid) = (false, false) }
      // An idle kernel thread's `I` says that it sleeps; the low bits of its state do not.
      if event.what == .switched, !vcpus.contains(event.subject) { event.flag = false }
      return event
    }.sorted {
      ($0.time.rawValue, $0.what.rawValue, $0.subject.rawValue, $0.value)
        < ($1.time.rawValue, $1.what.rawValue, $1.subject.rawValue, $1.value)
    }
  }

  @Test(
    arguments: [
      ("floating", []), ("floating", ["-R", "-t"]), ("bimodal", []), ("bimodal", ["-t"]),
      ("bimodal", ["-R"]), ("bimodal", ["-R", "-t"]), ("bimodal", ["-l"]), ("no-sched", []),
      ("lost", ["-t"]),
    ])
  func `has the same events as the trace.dat`(name: String, options: [String]) throws {
    let path = Fixtures.trace("\(name).dat")
    let printed = try Tool.output(of: "/usr/bin/trace-cmd", ["report"] + options + [path])
    // trace-cmd 3.3 prints flags by default, as letters or, with -R, as a number.
    let hasFlags =
      options.contains("-l")
      || String(decoding: printed, as: UTF8.self).contains(#/\](-0x| +[^ ]{4,5} )/#)
    let text = try open(printed)
    #expect(text.description.format == "ftrace text")
    #expect(text.description.cpus == 2)
    let (mine, tally) = everything(in: text)
    let (theirs, theirTally) = everything(in: try TraceFormats.open(path: path))
    let isSame =
      comparable(mine, options, hasFlags: hasFlags)
      == comparable(theirs, options, hasFlags: hasFlags)
    #expect(isSame)
    #expect(tally.events == theirTally.events)
    #expect(tally.lost == theirTally.lost)
    #expect(text.ledger.count(of: .unreadLines) == 0)
    let hasSched = name != "no-sched"
    #expect((text.ledger.count(of: .coarseTime) > 0) == (hasSched && !options.contains("-t")))
    #expect((text.ledger.count(of: .wakersUnknown) > 0) == (hasSched && !hasFlags))
  }
}
