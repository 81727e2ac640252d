import Testing

@testable import PollTrace
@testable import PollTraceFile

/// Lines in which a script prints the events' own fields: bpftrace, bcc's trace, perf's Python.
private struct Row: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var head: [String] = []
  /// The line of an event, from its time in ns, its name and its fields.
  var line: @Sendable (Int, String, [(String, Int)]) -> String

  /// The halts of `PlainText`, each line by `line`.
  var lines: [String] {
    head
      + PlainText.lines.map { text in
        let words = text.split { " :()".contains($0) }.map(String.init)
        let time = 1_000_000_000_000 + 1_000 * (Int(words[4].split(separator: ".")[1]) ?? 0)
        let isWakeup = words[5] == "kvm_vcpu_wakeup"
        let number = { Int(words[$0]) ?? 0 }
        let fields =
          isWakeup
          ? [("ns", number(8)), ("waited", words[6] == "wait" ? 1 : 0), ("valid", 1)]
          : [
            ("grow", words[10] == "grow" ? 1 : 0), ("vcpu_id", number(7)), ("new", number(9)),
            ("old", number(11)),
          ]
        return line(time, words[5], fields)
      }
  }

  private static func words(
    _ fields: [(String, Int)], _ sign: String = "=", _ between: String = " "
  ) -> String {
    fields.map { "\($0.0)\(sign)\($0.1)" }.joined(separator: between)
  }
  private static func seconds(_ time: Int) -> String {
    "\(time / 1_000_000_000).\("\(1_000_000_000 + time % 1_000_000_000)".dropFirst())"
  }

  static let whole = [
    Row("bpftrace with labels", ["Attaching 2 probes..."]) {
      "nsecs=\($0) comm=CPU 0/KVM tid=4711 cpu=0 \($1) \(words($2))"
    },
    Row("labels behind the name") {
      "\($1): cpu=0 comm=CPU 0/KVM, tid=4711 nsecs=\($0) \(words($2))"
    },
    Row("all arguments of bpftrace", ["Attached 2 probes"]) {
      "nsecs: \($0), tid: 4711, comm: CPU 0/KVM, cpu: 0 \($1) { .\(words($2, " = ", ", ."))  }"
    },
    Row("the process as a label alone") {
      "time=\(seconds($0)) pid=4711 comm=CPU 0/KVM cpu=0 \($1) \(words($2))"
    },
    Row("bcc's trace -t -C", ["TIME     CPU PID     TID     COMM            FUNC             -"]) {
      "\(seconds($0 - 999_000_000_000)) 0   4700    4711    CPU 0/KVM       \($1)  \(words($2))"
    },
    Row("Python of perf", ["in trace_begin"]) {
      "kvm__\($1)     0 \(seconds($0))     4711 CPU 0/KVM            \(words($2, "=", ", "))\n"
        + "Sample: {cpu=0, pid=4700, tid=4711, values=[(0, 0, 0)]}\n"
    },
  ]

  private init(
    _ name: String, _ head: [String] = [],
    _ line: @escaping @Sendable (Int, String, [(String, Int)]) -> String
  ) {
    (testDescription, self.head, self.line) = (name, head, line)
  }

  static let refused: [(Row, UnreadableText)] = [
    (
      Row("no labels", ["Attaching 2 probes..."]) {
        "\($0) CPU 0/KVM 4711 0 \($1) \(words($2))"
      }, .bpftrace
    ),
    (
      Row("a label twice", ["Attaching 2 probes..."]) {
        "nsecs=\($0) comm=a tid=5 tid=4711 cpu=0 \($1) \(words($2))"
      }, .bpftrace
    ),
    (
      Row("no names of fields", ["PID     TID     COMM            FUNC             -"]) {
        "4700    4711    CPU 0/KVM       \($1)  \($2.map { "\($0.1)" }.joined(separator: " "))"
      }, .bcc
    ),
    (Row("times alone") { "\(seconds($0)): kvm:\($1): \(words($2))" }, .lacks("the threads")),
    (
      Row("no CPU and no time") { "CPU 0/KVM 4711 kvm:\($2.isEmpty ? "" : $1): \(words($2))" },
      .lacks("the time, the CPU or the threads")
    ),
  ]
}

@Suite struct `A script's line with the events' own fields` {
  @Test(arguments: Row.whole)
  private func `is read where something says what each number is`(row: Row) throws {
    #expect(try PlainText.outcome(row.lines) == PlainText.whole)
    let reader = try open(PlainText.file(row.lines))
    #expect(reader.description.clock.isTime)
    #expect(reader.description.names[ThreadID(4_711)]?.unescaped == "CPU 0/KVM")
    #expect(report(of: reader).duration == 1_413_000)
  }

  @Test(arguments: Row.refused)
  private func `is refused where nothing does`(row: Row, text: UnreadableText) throws {
    #expect(try PlainText.outcome(row.lines) == .refused(text))
  }

  @Test func `with a time of day has no time, and the order of its lines`() throws {
    let head = "TIME     PID     TID     COMM            FUNC             -"
    let lines = Row.whole[0].lines.dropFirst().map {
      $0.replacing(#/nsecs=\d+ comm=CPU 0\/KVM tid=4711 cpu=0/#) { _ in
        "01:02:03 4700    4711    CPU 0/KVM      "
      }
    }
    let reader = try open(PlainText.file([head] + lines))
    #expect(!reader.description.clock.isTime)
    #expect(reader.description.cpus == nil)
    #expect(reader.ledger.count(of: .cpuUnknown) == 1)
    #expect(report(of: reader).vcpus.map(\.figures.fidelity.reproduced) == [8])
  }

  @Test func `of which a field is cut is not read, and said`() throws {
    var lines = Row.whole[0].lines
    lines[4] = String(lines[4].prefix { $0 != "=" } + "=12 tid=4711 cpu=0 kvm_vcpu_wakeup ns=5")
    let reader = try open(PlainText.file(lines))
    #expect(reader.ledger.count(of: .unreadLines) == 1)
    #expect(report(of: reader).ledger.isIncomplete)
  }
}
