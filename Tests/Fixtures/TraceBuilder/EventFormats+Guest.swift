/// The texts of the events of a guest's own polling.
extension EventFormats {
  static let power = [
    """
    name: guest_halt_poll_ns
    ID: \(guestDecision)
    format:
    \(common)
    \tfield:bool grow;\toffset:8;\tsize:1;\tsigned:0;
    \tfield:unsigned int new;\toffset:12;\tsize:4;\tsigned:0;
    \tfield:unsigned int old;\toffset:16;\tsize:4;\tsigned:0;

    print fmt: "halt_poll_ns %u (%s %u)", REC->new, REC->grow ? "grow" : "shrink", REC->old

    """,
    """
    name: cpu_idle
    ID: \(idle)
    format:
    \(common)
    \tfield:u32 state;\toffset:8;\tsize:4;\tsigned:0;
    \tfield:u32 cpu_id;\toffset:12;\tsize:4;\tsigned:0;

    print fmt: "state=%lu cpu_id=%lu", (unsigned long)REC->state, (unsigned long)REC->cpu_id

    """,
  ]

  static let interrupts = [
    """
    name: ipi_send_cpu
    ID: \(interrupt)
    format:
    \(common)
    \tfield:unsigned int cpu;\toffset:8;\tsize:4;\tsigned:0;

    print fmt: "cpu=%u", REC->cpu

    """
  ]
}
