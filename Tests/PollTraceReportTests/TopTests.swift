import PollTrace
import Testing

@testable import PollTraceReport

/// A host of two VMs, one second between two looks, and a third VM that is not seen.
private enum Host {
  static let parameters = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
  static let head = TopHead(kernel: "6.12.9", parameters: parameters, ownShare: 0.0012)

  static func counters(_ scale: UInt64) -> HaltCounters {
    var counters = HaltCounters()
    counters[.exits] = 5_000 * scale
    counters[.wakeups] = 2_000 * scale
    counters[.attemptedPolls] = 4_000 * scale
    counters[.successfulPolls] = 3_000 * scale
    counters[.invalidPolls] = 0
    counters[.successfulPollTime] = 90_000_000 * scale
    counters[.failedPollTime] = 150_000_000 * scale
    counters[.waitTime] = 600_000_000 * scale
    counters[.successes] = histogram([15: 2_000 * scale, 16: 1_000 * scale])
    counters[.failures] = histogram([18: 1_000 * scale])
    counters[.waits] = histogram([17: 1_500 * scale, 19: 490 * scale, 23: 10 * scale])
    return counters
  }

  private static func histogram(_ buckets: [Int: UInt64]) -> LogHistogram? {
    LogHistogram(counts: (0..<32).map { buckets[$0] ?? 0 })
  }

  static func sample(_ seconds: UInt64) -> CounterSample {
    let time = Timestamp(seconds * 1_000_000_000)
    func vm(_ number: Int32, _ name: String, _ scales: [UInt64]) -> CountedVM {
      let vcpus = scales.enumerated().map {
        CountedVCPU(
          vcpu: UInt32($0.offset), thread: ThreadID(number * 10 + Int32($0.offset)),
          counters: counters($0.element * (seconds + 1)))
      }
      return CountedVM(
        number: Int(number), process: ProcessID(number), name: Untrusted(name), source: .counters,
        time: time,
        vcpus: vcpus, vcpuCount: scales.count,
        counters: HaltCounters.sum(of: vcpus.map(\.counters)))
    }
    let hidden = CountedVM(
      number: 9, process: ProcessID(900), name: "old", source: .none, time: time, vcpuCount: 1,
      lack: .notHeld)
    return CounterSample(
      time: time,
      vms: [vm(71, "web\u{1b}[31m1", [1, 2]), vm(72, "database-of-a-long-name", [0]), hidden])
  }

  static var frame: CounterFrame {
    var watch = CounterWatch()
    _ = watch.take(sample(0))
    return watch.take(sample(1))
  }
}

@Suite struct `The live view` {
  private func screen(_ keys: [TopKey] = [], columns: Int = 80, lines: Int = 24) -> [String] {
    var state = TopState(delay: 1_000_000_000)
    for key in keys {
      let goesOn = state.press(key, Host.frame)
      #expect(goesOn)
    }
    return TopScreen(Host.frame, Host.head, state, columns: columns, lines: lines).lines.map(\.text)
  }

  @Test func `fits 80 columns and 24 lines`() {
    let lines = screen()
    #expect(lines.count == 24)
    #expect(lines.allSatisfy { $0.count <= 80 })
    let shown = lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }
    #expect(
      shown.filter { !$0.isEmpty } == [
        "counters · halt_poll_ns 200000 grow 2 start 10000 shrink 2 · Linux 6.12.9",
        "3 VMs, 4 vCPUs: 15,000 halts/s, polls 27.0 % ok 45.0 % wasted · polltrace 0.1 %",
        " VM, vCPU          halts/s  polled  poll ok  wasted  wakes/s  p50 wait  p99 wait",
        ">web\u{fffd}[31m1 vCPU 1   10,000  60.0 %   18.0 %  30.0 %    4,000   <131 µs   <524 µs",
        " web\u{fffd}[31m1 vCPU 0    5,000  60.0 %    9.0 %  15.0 %    2,000   <131 µs   <524 µs",
        " database… vCPU 0        0       –    0.0 %   0.0 %        0         –         –",
        " old                     –       –        –       –        –         –         –",
        "web\u{fffd}[31m1 vCPU 1: polls fail and cost much of a CPU; record 30 s now: polltrace…",
        "web\u{fffd}[31m1 vCPU 0: polls fail and cost much of a CPU; record 30 s now: polltrace…",
        "old: not seen; its process holds no statistics of KVM open (QEMU 8.1 or newer; …",
        "by wasted · every 1 s · h help  q quit",
      ])
  }

  @Test(arguments: [(1, 1), (10, 3), (40, 8), (80, 24), (200, 60)])
  func `fits any terminal, in every mode`(columns: Int, lines: Int) {
    for keys in [[], [.enter], [.character("h")], [.character("/"), .character("x")]] as [[TopKey]]
    {
      let screen = screen(keys, columns: columns, lines: lines)
      #expect(screen.count <= lines)
      #expect(screen.allSatisfy { $0.count <= max(1, columns) })
    }
  }

  @Test func `shows no escape of a VM's name`() {
    let modes: [[TopKey]] = [[], [.enter], [.character("/"), .character("w"), .enter]]
    for keys in modes {
      #expect(!screen(keys, columns: 200).joined().unicodeScalars.contains { $0.value < 32 })
    }
    let text = TextTop.text(Host.frame, Host.head)
    #expect(!text.contains("\u{1b}") && text.contains("web\u{fffd}[31m1 vCPU 1"))
  }

  @Test func `moves the selection with its row, through sorting and filters`() {
    func selected(_ keys: [TopKey]) -> String {
      screen(keys, columns: 120).first { $0.hasPrefix(">") } ?? ""
    }
    #expect(selected([.down]).contains("vCPU 0"))
    #expect(selected([.character("j"), .character("j")]).contains("database"))
    #expect(selected([.down, .down, .character("r")]).contains("database"))
    #expect(selected([.end]).contains("old"))
    #expect(selected([.end, .down, .up, .up]).contains("web"))
    #expect(
      selected([.down, .character("/"), .character("d"), .character("a"), .enter])
        .contains("database"))
  }

  @Test func `shows what matches the filter only, and says so`() {
    let keys: [TopKey] = [.character("/")] + "DATA-".map { .character($0) } + [.backspace, .enter]
    let lines = screen(keys)
    #expect(lines.contains { $0.contains("vCPU 0") && $0.hasPrefix(">da") })
    #expect(!lines.contains { $0.contains("vCPU 1") || $0.contains("web") })
    #expect(lines.last?.contains("only DATA") == true)
    #expect(screen(keys + [.escape]).last?.contains("only") == false)
  }

  @Test func `shows a vCPU in detail`() {
    let lines = screen([.enter], lines: 40)
    #expect(lines.contains { $0.contains("vCPU 1 (pid 71, thread 711)") })
    #expect(
      lines.contains { $0.contains("halt_attempted_poll") && $0.hasSuffix("16,000     8,000") })
    #expect(
      lines.contains {
        $0.contains("halt_wait_ns")
          && $0.split(separator: " ").suffix(4) == ["2.40", "s", "1.20", "s"]
      })
    #expect(
      lines.contains { $0.contains("<131 µs") && $0.contains("3,000") && $0.contains("####") })
    #expect(lines.last == "q back")
  }

  @Test func `of a vCPU in detail shows no other when that has ended`() {
    var state = TopState(delay: 1_000_000_000)
    _ = state.press(.enter, Host.frame)
    var frame = Host.frame
    frame.vms.removeFirst()
    let lines = TopScreen(frame, Host.head, state, columns: 80, lines: 24).lines.map(\.text)
    #expect(lines.contains("  It has ended."))
    #expect(!lines.contains { $0.contains("halt_exits") })
  }

  @Test func `takes a delay within bounds, and leaves it at what is none`() {
    func delay(_ text: String) -> Nanoseconds {
      var state = TopState(delay: 1_000_000_000)
      for key in [.character("d")] + text.map({ TopKey.character($0) }) + [.enter] {
        _ = state.press(key, Host.frame)
      }
      return state.delay
    }
    #expect(delay("2.5") == 2_500_000_000)
    #expect(delay("0") == 100_000_000)
    #expect(delay("1e300") == 3_600_000_000_000)
    #expect(delay("-3") == 100_000_000)
    #expect(delay("nan") == 1_000_000_000)
    #expect(delay("x") == 1_000_000_000)
  }

  @Test func `pauses, quits, and goes back before it quits`() {
    #expect(screen([.character("p")]).last?.hasPrefix("PAUSED") == true)
    var state = TopState(delay: 1_000_000_000)
    let answers = [.enter, .character("q"), .character("q")].map { (key: TopKey) in
      state.press(key, Host.frame)
    }
    #expect(answers == [true, true, false])
  }
}

@Suite struct `Keys of a terminal` {
  @Test(
    arguments: [
      ("\u{1b}[A\u{1b}[Bq", [.up, .down, .character("q")]), ("\u{1b}", [.escape]),
      ("\u{1b}[15~x", [.character("x")]), ("\r", [.enter]), ("\u{7f}", [.backspace]),
      ("\u{1b}[5~\u{1b}[6~\u{1b}[H\u{1b}OF", [.pageUp, .pageDown, .home]), ("\u{1}\u{0}", []),
      ("ä", [.character("ä")]), ("\u{1b}[", []),
    ] as [(String, [TopKey])])
  func `are told from their bytes`(bytes: String, keys: [TopKey]) {
    #expect(TopKey.keys(Array(bytes.utf8)) == keys)
  }
}

@Suite struct `Counters as JSON` {
  @Test func `are an object a line`() {
    let meta = JSONTop.meta(
      kernel: "6.12.9\"", parameters: Host.parameters, interval: 1_000_000_000)
    let lines = (meta + JSONTop.lines(Host.frame, Host.head)).split(
      separator: "\n")
    #expect(lines.count == 1 + 3 + 3 + 1)
    #expect(lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
    #expect(
      lines[0] == """
        {"interval_ns":1000000000,"kernel":"6.12.9\\"","parameters":{"halt_poll_ns":200000,\
        "halt_poll_ns_grow":2,"halt_poll_ns_grow_start":10000,"halt_poll_ns_shrink":2},\
        "schema":"polltrace.top/1","source":"counters","type":"meta"}
        """)
    #expect(lines[1].contains(#""name":"web\u001b[31m1","pid":71"#))
    #expect(lines[1].contains(#""halt_wakeup":2000}"#))
    #expect(lines[7].contains(#""vms":3,"vms_counted":2,"#))
  }
}
