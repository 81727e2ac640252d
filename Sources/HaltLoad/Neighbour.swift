/// A task that wants a vCPU's CPU: it wakes periodically and computes for a while.
struct Neighbour {
  /// From one wake to the next, and for how long it computes.
  let period: Nanoseconds
  let length: Nanoseconds

  /// Reads `PERIOD/RUN`, as in 300us/20us; nil where that is not it, or where RUN is not shorter.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let period = Nanoseconds(String(parts[0]), bare: .nanoseconds),
      let run = Nanoseconds(String(parts[1]), bare: .nanoseconds), run.count < period.count
    else { return nil }
    (self.period, self.length) = (period, run)
  }

  /// Wakes every `period` from `start` on.
  func run(from start: UInt64, until stop: Stop) {
    var moment = start
    while stop.sleep(until: moment) {
      Clock.pass(length)
      moment += period.count
    }
  }
}
