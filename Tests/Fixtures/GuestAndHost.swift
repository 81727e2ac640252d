import PollTrace

/// A guest's recording and its host's, invented: each halt of the guest's CPU 0 has one of vCPU 0 inside it.
package enum GuestAndHost {
  /// What is to be added to the guest's times to have the host's, in ns.
  package static let offset: Int64 = -3_000_000_000
  private static let uuid = "11111111-2222-3333-4444-555555555555"

  /// Halts of 300 to 500 µs, every third one behind a poll of the guest's that ran out.
  private static let both: (guest: [Event], host: [Event], polls: UInt64) = {
    var (guest, host): ([Event], [Event]) = ([], [])
    var now: UInt64 = 8_000_000_000
    var polls: UInt64 = 0
    func add(_ time: UInt64, _ kind: Event.Kind) {
      guest.append(Event(time: Timestamp(time), cpu: CPU(0), thread: .idle, kind: kind))
    }
    for number in 0..<400 {
      let length = 300_000 + UInt64(number * 7_919 % 200_000)
      if number % 3 == 2 {
        add(now - 51_000, .idleEntered(state: 0))
        add(now - 1_000, .idleLeft(hasWork: false))
        polls += 50_000
      }
      add(now, .idleEntered(state: 1))
      add(now + length, .idleLeft(hasWork: true))
      let woke = now + length - 4_000 - offset.magnitude
      host.append(
        Event(
          time: Timestamp(woke), cpu: CPU(2), thread: ThreadID(77),
          kind: .wakeup(block: Nanoseconds(length - 8_000), ending: .slept, isValid: true)))
      now += length + 100_000
    }
    return (guest, host, polls)
  }()

  /// How long the guest polled, in ns.
  package static var polls: UInt64 { both.polls }

  /// The host's trace.dat: the UUID is in capitals.
  package static var host: [UInt8] {
    var builder = TraceBuilder(both.host)
    builder.add(
      option: 9,
      """
      polltrace.facts/1
      host name=h boot=one kernel=6.18.0 arch=x86_64
      recording clock=mono began=5000000000 ended=5200000000 sched=1
      parameters since=1 halt_poll_ns=200000 grow=2 grow_start=10000 shrink=2
      vcpu tid=77 pid=70 vm=web1 id=0 uuid=\(uuid.uppercased())

      """)
    return builder.file
  }

  /// The guest's.
  package static var guest: [UInt8] {
    var builder = TraceBuilder(both.guest)
    builder.hasGuestEvents = true
    builder.add(
      option: 9,
      """
      polltrace.facts/1
      host name=anything boot=two kernel=6.18.0 arch=x86_64
      recording clock=mono began=8000000000 ended=8200000000 sched=0
      guest driver=haltpoll governor=haltpoll states=POLL,C1 uuid=\(uuid)
      guest_parameters guest_halt_poll_ns=200000 grow=2 grow_start=50000 shrink=2 allow_shrink=N

      """)
    return builder.file
  }
}
