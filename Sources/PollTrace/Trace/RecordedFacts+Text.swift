extension RecordedFacts {
  /// The first word of the text; a later, incompatible grammar will have another.
  package static let mark = "polltrace.facts/1"

  /// The line that is added to the facts of a recording whose recorder was killed.
  package static let cutOff = "cut_off"

  /// What the parameters are called here, in the order of `PollParameters.names`.
  private static let parameterKeys = ["halt_poll_ns", "grow", "grow_start", "shrink"]

  /// The facts as text, one a line, the mark first.
  package var text: String {
    var lines = [Self.mark]
    func add(_ word: String, _ pairs: [(String, Untrusted?)]) {
      lines.append(
        pairs.reduce(into: word) { line, pair in
          if let value = pair.1 { line += " \(pair.0)=\(Self.encoded(value.unescaped))" }
        })
    }
    add("recorder", [("name", recorder)])
    add(
      "host",
      [
        ("name", host), ("boot", boot), ("kernel", kernel), ("arch", arch),
        ("cpu", cpuModel.isEmpty ? nil : cpuModel),
      ])
    if let module {
      add(
        "kvm",
        [("linked", module.linkage.map { Untrusted($0.rawValue) })]
          + zip(Self.parameterKeys, module.access).map { ($0, $1.map { Untrusted($0.rawValue) }) }
          + [("tuned", module.tunedProfile)])
    }
    add(
      "recording",
      [
        ("clock", clock), ("began", began.map { "\($0.rawValue)" }),
        ("ended", ended.map { "\($0.rawValue)" }),
        ("utc", beganUTC.map { "\($0.rawValue)" }), ("sched", hasSchedulerEvents ? "1" : "0"),
        ("idle_switches", hasIdleSwitches && idleSwitchSpans.isEmpty ? "1" : nil),
      ])
    for span in hasIdleSwitches ? idleSwitchSpans : [] {
      add(
        "idle_switches",
        [
          ("since", "\(span.since.rawValue)"), ("until", "\(span.until.rawValue)"),
          ("cpus", span.cpus.map { Untrusted($0.text) }),
        ])
    }
    if let topology { add("topology", topology.pairs.map { ($0.0, Untrusted($0.1)) }) }
    for change in parameters {
      add(
        "parameters",
        [
          ("since", change.since.map { "\($0.rawValue)" }),
          ("not_before", change.notBefore.map { "\($0.rawValue)" }),
          ("halt_poll_ns", "\(change.parameters.ceiling)"), ("grow", "\(change.parameters.grow)"),
          ("grow_start", "\(change.parameters.growStart)"),
          ("shrink", "\(change.parameters.shrink)"),
        ])
    }
    if let guest {
      add(
        "guest",
        [
          ("driver", guest.driver), ("governor", guest.governor),
          ("states", .joined(guest.states, by: ",")),
          ("uuid", guest.uuid.isEmpty ? nil : guest.uuid),
        ])
      for change in guest.parameters {
        add(
          "guest_parameters",
          [
            ("since", change.since.map { "\($0.rawValue)" }),
            ("not_before", change.notBefore.map { "\($0.rawValue)" }),
          ]
            + zip(GuestPollLimit.Parameters.shortNames, change.parameters.values).map {
              ($0, Untrusted($1))
            })
      }
      for (cpu, halts) in guest.halts.sorted(by: { $0.key < $1.key }) {
        add("guest_cpu", [("cpu", "\(cpu.rawValue)"), ("halts", "\(halts)")])
      }
    }
    for vcpu in vcpus {
      add(
        "vcpu",
        [
          ("tid", "\(vcpu.thread.rawValue)"), ("pid", vcpu.process.map { "\($0.rawValue)" }),
          ("vm", vcpu.vm), ("id", vcpu.vcpu.map { "\($0)" }),
          ("uuid", vcpu.uuid.isEmpty ? nil : vcpu.uuid),
          ("cpus", vcpu.affinity.map { Untrusted($0.text) }),
        ])
    }
    for loss in losses {
      add("lost", [("cpu", "\(loss.cpu.rawValue)"), ("events", "\(loss.events)")])
    }
    for block in trial {
      add(
        "block",
        [
          ("round", "\(block.round)"), ("setting", "\(block.setting)"),
          ("begin", "\(block.begin.rawValue)"), ("end", "\(block.end.rawValue)"),
        ])
    }
    if isCutOff { lines.append(Self.cutOff) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The facts in `text`, with a note in `ledger` for each line that cannot be read; nil where the
  /// text does not begin with the mark.
  package init?(text: String, ledger: inout Ledger) {
    // By bytes: a value may begin with a mark that combines with what is before it, or have characters
    // that Unicode calls newlines (U+0085, U+2028).
    var lines = text.utf8.split(separator: UInt8(ascii: "\n")).makeIterator()
    guard let first = lines.next(), first.elementsEqual(Self.mark.utf8) else { return nil }
    while let line = lines.next() {
      let words = line.split(separator: UInt8(ascii: " "))
      guard let word = words.first else { continue }
      let pairs = Pairs(words.dropFirst())
      if !read(String(decoding: word, as: UTF8.self), pairs) {
        let text = Untrusted(String(decoding: line, as: UTF8.self))
        ledger.note(.unreadableFacts, 1, text.prefix(80))
      }
    }
  }

  /// Takes one line in; false where a value that the line must have cannot be read.
  private mutating func read(_ word: String, _ pairs: Pairs) -> Bool {
    switch word {
    case "recorder":
      recorder = pairs["name"] ?? ""
    case "host":
      host = pairs["name"] ?? ""
      boot = pairs["boot"] ?? ""
      kernel = pairs["kernel"] ?? ""
      arch = pairs["arch"] ?? ""
      cpuModel = pairs["cpu"] ?? ""
    case "kvm":
      module = KVMModule(
        linkage: pairs["linked"].flatMap { .init(rawValue: $0.unescaped) },
        access: Self.parameterKeys.map { pairs[$0].flatMap { .init(rawValue: $0.unescaped) } },
        tunedProfile: pairs["tuned"])
    case "recording":
      clock = pairs["clock"] ?? ""
      began = pairs.number("began").map(Timestamp.init(rawValue:))
      ended = pairs.number("ended").map(Timestamp.init(rawValue:))
      beganUTC = pairs.number("utc").map(Timestamp.init(rawValue:))
      hasSchedulerEvents = pairs["sched"] == "1"
      hasIdleSwitches = hasIdleSwitches || pairs["idle_switches"] == "1"
    case "idle_switches":
      // Also where the times cannot be read: then it is not known when.
      hasIdleSwitches = true
      let span = span(pairs)
      idleSwitchSpans.append(span ?? IdleSwitches.Span(since: Timestamp(0), until: Timestamp(0)))
      return span != nil
    case "topology":
      topology = CPUTopology(pairs: pairs.inOrder)
      return topology != nil
    case "parameters":
      guard let ceiling: UInt32 = pairs.number("halt_poll_ns"),
        let grow: UInt32 = pairs.number("grow"),
        let growStart: UInt32 = pairs.number("grow_start"),
        let shrink: UInt32 = pairs.number("shrink")
      else { return false }
      parameters.append(
        ParameterChange(
          since: pairs.number("since").map(Timestamp.init(rawValue:)),
          notBefore: pairs.number("not_before").map(Timestamp.init(rawValue:)),
          parameters: PollParameters(
            ceiling: ceiling, grow: grow, growStart: growStart, shrink: shrink)))
    case "vcpu":
      guard let thread: Int32 = pairs.number("tid"), let process: Int32 = pairs.number("pid") else {
        return false
      }
      vcpus.append(
        VCPUThread(
          thread: ThreadID(thread), process: ProcessID(process), vm: pairs["vm"] ?? "",
          vcpu: pairs.number("id"), uuid: pairs["uuid"] ?? "",
          affinity: pairs["cpus"].flatMap { CPUSet($0.unescaped) }))
    case "guest":
      var facts = guest ?? GuestFacts()
      (facts.driver, facts.governor) = (pairs["driver"] ?? "", pairs["governor"] ?? "")
      facts.uuid = pairs["uuid"] ?? ""
      facts.states = (pairs["states"] ?? "").unescaped.split(separator: ",")
        .map { Untrusted(String($0)) }
      guest = facts
    case "guest_parameters":
      guard let change = Self.guestParameters(pairs) else { return false }
      guest = guest ?? GuestFacts()
      guest?.parameters.append(change)
    case "guest_cpu":
      guard let cpu: UInt32 = pairs.number("cpu"), let halts: UInt64 = pairs.number("halts")
      else { return false }
      guest = guest ?? GuestFacts()
      guest?.halts[CPU(cpu)] = halts
    case "lost":
      guard let cpu: UInt32 = pairs.number("cpu"), let events: UInt64 = pairs.number("events")
      else { return false }
      losses.append(Loss(cpu: CPU(cpu), events: events))
    case "block":
      guard let round: UInt32 = pairs.number("round"),
        let setting: UInt32 = pairs.number("setting"),
        let begin: UInt64 = pairs.number("begin"), let end: UInt64 = pairs.number("end")
      else { return false }
      trial.append(
        TrialBlock(
          round: round, setting: setting, begin: Timestamp(begin), end: Timestamp(end)))
    case Self.cutOff:
      isCutOff = true
    default:
      break
    }
    return true
  }

  /// The span that a line tells; nil where it cannot be read.
  private func span(_ pairs: Pairs) -> IdleSwitches.Span? {
    guard let since: UInt64 = pairs.number("since"), let until: UInt64 = pairs.number("until")
    else { return nil }
    let cpus = pairs["cpus"].map { CPUSet($0.unescaped) }
    if cpus == .some(nil) { return nil }
    return IdleSwitches.Span(
      since: Timestamp(since), until: Timestamp(until), cpus: cpus ?? nil)
  }

  private static func guestParameters(_ pairs: Pairs) -> GuestFacts.ParameterChange? {
    var parameters = GuestPollLimit.Parameters()
    guard let most: UInt32 = pairs.number("guest_halt_poll_ns"),
      let grow: UInt32 = pairs.number("grow"), let growStart: UInt32 = pairs.number("grow_start"),
      let shrink: UInt32 = pairs.number("shrink"), let allows = pairs["allow_shrink"]
    else { return nil }
    (parameters.most, parameters.grow, parameters.growStart) = (most, grow, growStart)
    (parameters.shrink, parameters.allowsShrink) = (shrink, allows == "Y")
    return .init(
      since: pairs.number("since").map(Timestamp.init(rawValue:)),
      notBefore: pairs.number("not_before").map(Timestamp.init(rawValue:)),
      parameters: parameters)
  }

  /// Percent-encodes what is no printable ASCII, and space, `=` and `%`.
  private static func encoded(_ value: String) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var bytes: [UInt8] = []
    for byte in value.utf8 {
      if byte <= 0x20 || byte == 0x25 || byte == 0x3d || byte >= 0x7f {
        bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The `key=value` pairs of a line.
  private struct Pairs {
    private var values: [String: Substring.UTF8View] = [:]
    /// In the line's order.
    private(set) var inOrder: [(String, String)] = []

    init(_ words: some Sequence<Substring.UTF8View>) {
      for word in words {
        guard let equals = word.firstIndex(of: UInt8(ascii: "=")) else { continue }
        let key = String(decoding: word[..<equals], as: UTF8.self)
        values[key] = word[word.index(after: equals)...]
        inOrder.append((key, Self.decoded(word[word.index(after: equals)...])))
      }
    }

    subscript(key: String) -> Untrusted? { values[key].map { Untrusted(Self.decoded($0)) } }

    func number<Number: FixedWidthInteger>(_ key: String) -> Number? {
      values[key].flatMap { Number(String(decoding: $0, as: UTF8.self)) }
    }

    private static func decoded(_ value: Substring.UTF8View) -> String {
      var bytes: [UInt8] = []
      var rest = Array(value)[...]
      while let byte = rest.popFirst() {
        if byte == 0x25,
          let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
          bytes.append(code)
          rest = rest.dropFirst(2)
        } else {
          bytes.append(byte)
        }
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
