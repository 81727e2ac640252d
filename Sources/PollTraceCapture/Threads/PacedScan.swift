import PollTrace

/// Looks for vCPU threads as often as pays.
///
/// Threads that no name gives away lack their scheduler events until they are found, so as soon
/// as costs less than a two-hundredth of a CPU: on a host of thousands of processes a look takes
/// milliseconds. A VM that ends before it is found stays without a name. One that was asked for lacks
/// its halts as well until it is found, so a tenth of a CPU may go into looking for it.
struct PacedScan {
  private(set) var scan: VCPUScan
  /// When to look again.
  private(set) var next = Timestamp(0)
  private static let shortestPause: Nanoseconds = 50_000_000
  private static let shortestWait: Nanoseconds = 5_000_000
  private static let longestPause: Nanoseconds = 2_000_000_000

  init(_ scan: VCPUScan) { self.scan = scan }

  /// Looks for new threads where it is time to; true where anything about them changed.
  mutating func look(at now: Timestamp) -> Bool {
    guard now >= next else { return false }
    let before = Machine.cpuTime
    defer {
      let cost = Machine.cpuTime - before
      let pause = cost.times(scan.isWaiting ? 10 : 200)
      let shortest = scan.isWaiting ? Self.shortestWait : Self.shortestPause
      next = now + min(max(shortest, pause), Self.longestPause)
    }
    return scan.update(at: now)
  }

  /// Forgets the threads of VMs that have ended: who runs for days sees many.
  mutating func forgetEnded() { scan.forgetEnded() }
}
