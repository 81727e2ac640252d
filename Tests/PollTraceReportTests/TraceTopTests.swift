import Testing

@testable import PollTrace
@testable import PollTraceReport

/// Two vCPUs of a VM and one of another, as a trace shows them.
private enum Traced {
  static let parameters = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
  static let head = TopHead(
    kernel: "6.12.9", parameters: parameters, ownShare: 0.011, source: .trace)

  static func row(_ process: Int32, _ name: String, _ vcpu: UInt32, scale: UInt64) -> CounterRow {
    var delta = HaltCounters(KernelCounters())
    delta[.attemptedPolls] = 4_000 * scale
    delta[.successfulPolls] = 3_000 * scale
    delta[.successfulPollTime] = 90_000_000 * scale
    delta[.failedPollTime] = 150_000_000 * scale
    var row = CounterRow(
      process: ProcessID(process), name: Untrusted(name), vcpu: vcpu,
      thread: ThreadID(process * 10 + Int32(vcpu)), interval: 1_000_000_000, counters: delta,
      delta: delta, watched: delta, watchedFor: 1_000_000_000)
    var traced = TracedHalts()
    (traced.polled, traced.slept) = (3_000 * scale, 2_000 * scale)
    (traced.grows, traced.shrinks) = (612 * scale, 611 * scale)
    for _ in 0..<scale {
      for length in [60_000, 60_000, 170_000, 1_250_000] as [UInt64] {
        traced.block.add(Nanoseconds(length))
        traced.blocks.add(Nanoseconds(length), times: 1_250)
      }
      traced.wakeLatency.add(17_000)
    }
    if scale > 0 { traced.window = vcpu == 0 ? 200_000 : 10_000 }
    traced.gaps = vcpu == 1 ? 2 : 0
    traced.contradicted = scale == 2 ? 3 : 0
    traced.fidelity.recorded = 1_223 * scale
    traced.fidelity.reproduced = 1_223 * scale
    traced.moves = [.init(move: .grow, old: 0, new: 10_000, count: 612)]
    traced.history = (0..<3).map { number in
      .init(
        end: Timestamp(number * 1_000_000_000),
        windows: number == 0
          ? nil : .init(least: 0, mean: 50_000 * Double(number), most: 200_000),
        halts: 5_000 * scale, grows: 612, shrinks: 611)
    }
    row.traced = traced
    return row
  }

  static var frame: CounterFrame {
    var frame = CounterFrame(time: Timestamp(2_000_000_000), interval: 1_000_000_000)
    for (process, name, scales) in [
      (71 as Int32, "web\u{1b}[31m1", [1, 2] as [UInt64]), (72, "database", [0]),
    ] {
      let rows = scales.enumerated().map { row(process, name, UInt32($0), scale: $1) }
      var total = rows[0]
      (total.vcpu, total.thread) = (nil, nil)
      total.delta = HaltCounters.sum(of: rows.compactMap(\.delta))
      total.traced = rows.reduce(into: TracedHalts()) { sum, row in
        if let one = row.traced { sum.merge(one) }
      }
      frame.vms.append(
        .init(
          vm: CountedVM(
            number: Int(process), process: ProcessID(process), name: Untrusted(name),
            source: .trace, time: frame.time, vcpuCount: rows.count),
          total: total, vcpus: rows))
    }
    frame.trace = .init()
    return frame
  }

  static func screen(_ keys: [TopKey] = [], columns: Int = 80, lines: Int = 24) -> [String] {
    var state = TopState(delay: 1_000_000_000)
    for key in keys {
      let goesOn = state.press(key, frame)
      #expect(goesOn)
    }
    return TopScreen(frame, head, state, columns: columns, lines: lines).lines.map {
      String($0.text.reversed().drop { $0 == " " }.reversed())
    }
  }
}

@Suite struct `The live view of a trace` {
  @Test func `fits 80 columns and 24 lines`() {
    let lines = Traced.screen()
    #expect(lines.count == 24)
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(
      lines.filter { !$0.isEmpty } == [
        "trace, none lost · halt_poll_ns 200000 grow 2 start 10000 shrink 2 · Linux 6.12…",
        "2 VMs, 3 vCPUs: 15,000 halts/s, polls 27.0 % ok 45.0 % wasted · polltrace 1.1 %",
        " VM, vCPU           halts/s  wasted   window   grow  shrink  p99 block  p99 wake",
        ">web\u{fffd}[31m1 vCPU 1*   10,000  30.0 %  10.0 µs  1,224   1,222    1.25 ms   17.0 µs",
        " web\u{fffd}[31m1 vCPU 0     5,000  15.0 %   200 µs    612     611    1.25 ms   17.0 µs",
        " database vCPU 0          0   0.0 %        –      0       0          –         –",
        "web\u{fffd}[31m1 vCPU 1*: 3 decisions are not as the rules say: do not trust its windo…",
        "web\u{fffd}[31m1 vCPU 1*: polls fail and cost much of a CPU; record 30 s now: polltrac…",
        "web\u{fffd}[31m1 vCPU 0: polls fail and cost much of a CPU; record 30 s now: polltrace…",
        "by wasted · every 1 s · h help  q quit",
      ])
  }

  /// The plain table's lines: its head, and its rows.
  private static let table: [String] = [
    "VM, vCPU           halts/s  polled  poll ok  wasted   window   grow  shrink  p50 block"
      + "  p99 block  p50 wake  p99 wake",
    "web\u{fffd}[31m1 vCPU 1*   10,000  60.0 %   18.0 %  30.0 %  10.0 µs  1,224   1,222"
      + "    60.0 µs    1.25 ms   17.0 µs   17.0 µs",
    "web\u{fffd}[31m1 vCPU 0     5,000  60.0 %    9.0 %  15.0 %   200 µs    612     611"
      + "    60.0 µs    1.25 ms   17.0 µs   17.0 µs",
    "database vCPU 0          0       –    0.0 %   0.0 %        –      0       0"
      + "          –          –         –         –",
  ]

  @Test func `leaves columns out where the terminal is narrow, and none in a table`() {
    let wide = Traced.screen(columns: 140)[2]
    for title in ["poll ok", "p50 block", "p50 wake"] {
      #expect(wide.contains(title))
      #expect(!Traced.screen(columns: 80)[2].contains(title))
    }
    let text = TextTop.text(Traced.frame, Traced.head)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(Array(lines.dropFirst(2).prefix(4)) == Self.table)
  }

  @Test func `shows a vCPU's windows, decisions and halts`() {
    let lines = Traced.screen([.enter], lines: 60)
    #expect(
      Array(lines[3...31]) == [
        " web\u{fffd}[31m1 vCPU 1* (pid 71, thread 711)",
        " polls fail and cost much of a CPU; record 30 s now: polltrace record --vm 71", "",
        " The window is 10.0 µs. Its mean over time, look by look, the last one first:",
        " ago      window  least    most   halts  grow  shrink",
        " 0 ns     100 µs   0 ns  200 µs  10,000   612     611  ########################",
        " 1.00 s  50.0 µs   0 ns  200 µs  10,000   612     611  ############",
        " 2.00 s        –      –       –  10,000   612     611", "",
        " Decisions: 2,446, 2,446 of them as the rules say", " move  from       to  times",
        " grow  0 ns  10.0 µs    612", "", " How long its halts lasted, since it is followed:",
        " block     halts", " <65.5 µs  5,000  ########################", " <131 µs       0",
        " <262 µs   2,500  ############", " <524 µs       0", " <1.05 ms      0",
        " <2.10 ms  2,500  ############", "", "                       in all  a second",
        " halt_attempted_poll    8,000     8,000", " halt_successful_poll   6,000     6,000",
        " halt_poll_invalid          0         0", " halt_poll_success_ns  180 ms    180 ms",
        " halt_poll_fail_ns     300 ms    300 ms", " halt_wait_ns            0 ns      0 ns",
      ])
  }

  @Test(arguments: [(1, 1), (10, 3), (40, 8), (80, 24), (200, 60)])
  func `fits any terminal, in every mode`(columns: Int, lines: Int) {
    for keys in [[], [.enter], [.character("h")]] as [[TopKey]] {
      let screen = Traced.screen(keys, columns: columns, lines: lines)
      #expect(screen.count <= lines)
      #expect(screen.allSatisfy { $0.count <= max(1, columns) })
    }
  }

  @Test func `is sorted by each of its columns`() {
    func footer(_ count: Int) -> String {
      Traced.screen(Array(repeating: .character("s"), count: count)).last ?? ""
    }
    let columns = (0..<10).map { footer($0).dropFirst(3).prefix { $0 != "·" } }
    #expect(
      columns == [
        "wasted ", "poll ok ", "halts/s ", "polled ", "window ", "grow ", "p99 block ",
        "p99 wake ", "VM, vCPU ", "wasted ",
      ])
  }

  @Test func `says in its first line what was lost`() {
    var frame = Traced.frame
    frame.trace?.lostInAll = 1_234
    #expect(Traced.head.lines(frame)[0].hasPrefix("trace, 1,234 LOST · halt_poll_ns"))
    frame.trace?.isDamaged = true
    #expect(Traced.head.lines(frame)[0].hasPrefix("trace, DAMAGED · halt_poll_ns"))
  }
}

@Suite struct `A trace as JSON` {
  @Test func `has what only a trace shows, and lost events`() {
    var frame = Traced.frame
    frame.trace?.lost = [CPU(3): 7]
    let lines = JSONTop.lines(frame, Traced.head).split(separator: "\n")
    #expect(lines.count == 3 + 2 + 1 + 1)
    #expect(lines[0].contains(#""grows":612,"#) && lines[0].contains(#""shrinks":611,"#))
    #expect(lines[0].contains(#""window_ns":200000"#) && lines[0].contains(#""source":"trace""#))
    #expect(lines[2].contains(#""grows":1836,"#) && lines[2].contains(#""window_ns":null"#))
    #expect(lines[5] == #"{"cpu":3,"events":7,"time":2000000000,"type":"lost"}"#)
    let meta = JSONTop.meta(
      kernel: "6.12.9", parameters: nil, interval: 1_000_000_000, source: .trace)
    #expect(meta.contains(#""source":"trace""#))
  }
}
