@testable import PollTrace
@testable import PollTraceAnalysis
@testable import PollTraceFile

/// A text of one vCPU's halts as `cat trace` prints it, to be coloured, quoted, wrapped and cut.
enum PlainText {
  /// 2 halts polled, 8 slept; the window grew 6 times and shrank twice.
  static let lines = [
    "000136846: kvm_halt_poll_ns: vcpu 0: halt_poll_ns 10000 (grow 0)",
    "000136847: kvm_vcpu_wakeup: wait time 50114 ns, polling valid",
    "000137024: kvm_halt_poll_ns: vcpu 0: halt_poll_ns 20000 (grow 10000)",
    "000137024: kvm_vcpu_wakeup: wait time 169371 ns, polling valid",
    "000137241: kvm_halt_poll_ns: vcpu 0: halt_poll_ns 10000 (shrink 20000)",
    "000137242: kvm_vcpu_wakeup: wait time 209902 ns, polling valid",
    "000137347: kvm_halt_poll_ns: vcpu 0: halt_poll_ns 20000 (grow 10000)",
    "000137347: kvm_vcpu_wakeup: wait time 96003 ns, polling valid",
    "000137470: kvm_vcpu_wakeup: poll time 14261 ns, polling valid",
    "000137557: kvm_halt_poll_ns: vcpu 0: halt_poll_ns 40000 (grow 20000)",
    "000137557: kvm_vcpu_wakeup: wait time 79928 ns, polling valid",
    "000137869: kvm_halt_poll_ns: vcpu 0: halt_poll_ns 20000 (shrink 40000)",
    "000137869: kvm_vcpu_wakeup: wait time 305063 ns, polling valid",
    "000138069: kvm_halt_poll_ns: vcpu 0: halt_poll_ns 40000 (grow 20000)",
    "000138069: kvm_vcpu_wakeup: wait time 191304 ns, polling valid",
    "000138230: kvm_halt_poll_ns: vcpu 0: halt_poll_ns 80000 (grow 40000)",
    "000138230: kvm_vcpu_wakeup: wait time 154028 ns, polling valid",
    "000138259: kvm_vcpu_wakeup: poll time 22794 ns, polling valid",
  ].map { "       CPU 0/KVM-4711    [000] .....  1000.\($0.dropFirst(3))" }

  /// The same as `perf script` prints it.
  static let perf = lines.map { line in
    line.replacing("KVM-4711   ", with: "KVM  4711").replacing("..... ", with: "")
      .replacing(": kvm_", with: ":     kvm:kvm_")
  }

  static func file(_ lines: [String]) -> [UInt8] {
    Array(lines.map { $0 + "\n" }.joined().utf8)
  }

  /// What became of a text: its halts, or why it was refused.
  enum Outcome: Equatable {
    case read(polled: UInt64, slept: UInt64, grows: UInt64, shrinks: UInt64, isWhole: Bool)
    case refused(UnreadableText)
  }

  /// All halts, and nothing missing.
  static let whole = Outcome.read(polled: 2, slept: 8, grows: 6, shrinks: 2, isWhole: true)

  static func outcome(_ content: [UInt8]) throws -> Outcome {
    do {
      let report = report(of: try open(content))
      let measures = Figures(totalOf: report.vcpus.map(\.figures)).measures
      return .read(
        polled: measures.polled, slept: measures.slept, grows: measures.grows,
        shrinks: measures.shrinks, isWhole: !report.ledger.isIncomplete)
    } catch let error as TraceFileError {
      guard case .unreadableText(let text) = error.problem else { throw error }
      return .refused(text)
    }
  }

  static func outcome(_ text: String) throws -> Outcome { try outcome(Array(text.utf8)) }
  static func outcome(_ lines: [String]) throws -> Outcome { try outcome(file(lines)) }
}
