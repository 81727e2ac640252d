import PollTrace
import PollTraceReplay
import Testing

@testable import PollTraceReport

@Suite struct `A named pattern` {
  @Test(arguments: [
    (
      Pattern.wakesJustUnderCeiling(
        vcpu: "web1 vCPU 0", pollShare: 0.947, medianBlock: 174_000, ceiling: 200_000),
      "web1 vCPU 0 wakes every 174 µs, just before the limit of 200 µs: it polls 94.7 % of a CPU "
        + "(Ubuntu bug 1724614)."
    ),
    (
      .sawTooth(shrinks: 4_200, halts: 12_000),
      "Windows close 4,200 times in 12,000 halts and must grow again from nothing, since shrink is "
        + "0; 2 halves them instead."
    ),
    (
      .abandonedByContention(abandoned: 11_948, attempted: 11_990),
      "11,948 of 11,990 polls were cut short since another task wanted the CPU. No setting "
        + "helps; pin vCPUs or run fewer per CPU."
    ),
    (
      .guestPolls(vcpu: "db vCPU 3", refused: 900, halts: 1_000),
      "db vCPU 3 was not allowed to poll at 900 of 1,000 halts: its guest polls itself "
        + "(cpuidle-haltpoll), and the host's parameters do not reach it. Tune guest_halt_poll_ns "
        + "in the guest."
    ),
    (
      .growStartAboveCeiling(growStart: 50_000, ceiling: 20_000),
      "halt_poll_ns_grow_start (50 µs) lies above halt_poll_ns (20 µs): every window that opens is "
        + "at the limit at once."
    ),
    (
      .growsNever(grow: 0),
      "halt_poll_ns_grow is 0: no window ever opens, so nothing polls; halt_poll_ns 0 says so."
    ),
    (
      .growsNever(grow: 1),
      "halt_poll_ns_grow is 1: windows open at grow_start and never grow."
    ),
    (
      .shrinksNever,
      "halt_poll_ns_shrink is 1: windows never shrink; a guest that goes idle keeps polling."
    ),
    (
      .negativeValue(parameter: "halt_poll_ns", value: .max),
      "halt_poll_ns is 4294967295, as -1 is written: that is 4.3 s or more, not a default."
    ),
    (
      .neverOpens(vcpu: "idle vCPU 1", halts: 5_000, medianBlock: 4_000_000, ceiling: 200_000),
      "idle vCPU 1 never polled in 5,000 halts: half of them last longer than 4.00 ms, and the "
        + "limit is 200 µs."
    ),
  ])
  func `is told with its numbers and what helps`(pattern: Pattern, sentence: String) {
    #expect(pattern.sentence == sentence)
  }

  @Test func `shows a name from a trace without its control characters`() {
    let pattern = Pattern.guestPolls(vcpu: "\u{1B}[31mred vCPU 0", refused: 9, halts: 10)
    #expect(!pattern.sentence.contains("\u{1B}"))
  }
}
