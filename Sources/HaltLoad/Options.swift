import ArgumentParser

/// What the load is.
struct Options: ParsableArguments {
  @Option(help: "vCPUs in the VM, 1 to 64.")
  var vcpus = 1

  @Option(help: "Mean gap between two wakes of a vCPU (default: 120us).", transform: time)
  var mean = Nanoseconds(count: 120_000)

  @Option(help: "How the gaps are spread.")
  var distribution = Distribution.exponential

  @Option(help: "Time the guest computes at each wake, up to 1s (default: 0).", transform: time)
  var busy = Nanoseconds(count: 0)

  @Option(
    help: "How long the load lasts (a bare number: seconds; default: 2s).", transform: seconds)
  var duration = Nanoseconds(count: 2_000_000_000)

  @Option(help: "Seed of the gaps; the same seed gives the same gaps.")
  var seed: UInt64 = 1

  @Flag(help: "Keep vCPU i on CPU 2i, its waker on CPU 2i+1, modulo the CPUs there are.")
  var pin = false

  @Flag(help: "Keep vCPU i on CPU i, its waker on the next vCPU's, modulo the CPUs there are.")
  var cross = false

  @Flag(help: "Keep all vCPUs on CPU 0, their wakers on CPU 1, modulo the CPUs there are.")
  var together = false

  @Option(
    help: ArgumentHelp(
      """
      Keep each waker on its vCPU's CPU, where it computes for RUN before each wake, as an I/O thread \
      does (10us).
      """, valueName: "run"), transform: time)
  var iothread: Nanoseconds?

  @Option(
    help: ArgumentHelp(
      "A task on vCPU 0's CPU that wakes every PERIOD and computes for RUN (300us/20us).",
      valueName: "period/run"),
    transform: periodAndRun)
  var neighbour: Neighbour?

  @Option(
    help: """
      The VM's own ceiling of the polling window; 0: no polling (default: untouched). Given again: each \
      for --block in turn, in a random order.
      """, transform: time)
  var ceiling: [Nanoseconds] = []

  @Option(help: "How long the VM keeps each of several ceilings (default: 500ms).", transform: time)
  var block = Nanoseconds(count: 500_000_000)

  @Option(
    help: "What the guest does while idle: halt, poll (spin), or haltpoll (poll, then halt).")
  var idle = Idle.halt

  @Option(
    help:
      "The longest that a guest with --idle haltpoll polls (guest_halt_poll_ns; default: 200us).",
    transform: time)
  var guestHaltPoll = Nanoseconds(count: 200_000)

  @Option(
    help: "Exits that KVM gives up: hlt has the guest halt the CPU itself (default: none).")
  var exits: KeptExit?

  @Option(help: "Write KVM's statistics of the VM to this file, as JSON.")
  var stats: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Hold KVM's statistics of each vCPU open, as QEMU 8.1 and newer does; --stats needs it.")
  var holdStatistics = true

  @Flag(help: "Say nothing of what each vCPU did.")
  var quiet = false

  @Option(help: "Name of the VM in the statistics.")
  var name = "haltload"

  /// Whether threads stay on CPUs of their own.
  var staysPut: Bool { pin || cross || together }

  func validate() throws {
    guard (1...64).contains(vcpus) else { throw ValidationError("--vcpus takes 1 to 64.") }
    guard mean.count >= 1000 else { throw ValidationError("--mean takes at least 1us.") }
    guard busy.count <= 1_000_000_000 else { throw ValidationError("--busy takes at most 1s.") }
    guard guestHaltPoll.count <= 1_000_000_000 else {
      throw ValidationError("--guest-halt-poll takes at most 1s.")
    }
    guard duration.count > 0 else { throw ValidationError("--duration takes more than 0.") }
    guard [pin, cross, together].count(where: { $0 }) < 2 else {
      throw ValidationError("--pin, --cross and --together: give one of them.")
    }
    guard (neighbour == nil && iothread == nil) || staysPut else {
      throw ValidationError(
        "--neighbour and --iothread need vCPUs that stay: add --pin, --cross or --together.")
    }
    guard (iothread?.count ?? 0) <= 1_000_000_000 else {
      throw ValidationError("--iothread takes at most 1s.")
    }
    guard holdStatistics || stats == nil else {
      throw ValidationError("--stats needs the statistics that --no-hold-statistics does not hold.")
    }
    guard ceiling.allSatisfy({ $0.count <= UInt64(UInt32.max) }) else {
      throw ValidationError("--ceiling takes at most 4294967295ns.")
    }
    guard block.count >= 1_000_000 else { throw ValidationError("--block takes at least 1ms.") }
  }
}

private func time(_ text: String) throws -> Nanoseconds { try time(text, bare: .nanoseconds) }

private func periodAndRun(_ text: String) throws -> Neighbour {
  guard let neighbour = Neighbour(text) else {
    throw ValidationError("'\(text)' is no period and shorter run: write both, as in 300us/20us.")
  }
  return neighbour
}

private func seconds(_ text: String) throws -> Nanoseconds { try time(text, bare: .seconds) }

private func time(_ text: String, bare: Nanoseconds.Unit) throws -> Nanoseconds {
  guard let time = Nanoseconds(text, bare: bare) else {
    throw ValidationError("'\(text)' is no time: write a number and ns, us, ms or s, as in 120us.")
  }
  return time
}
