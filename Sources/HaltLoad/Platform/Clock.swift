import Glibc

/// CLOCK_MONOTONIC, the clock of the kernel's own halt times.
enum Clock {
  static var now: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Sleeps until then, or until a signal.
  static func sleep(until moment: UInt64) {
    var time = timespec(
      tv_sec: Int(moment / 1_000_000_000), tv_nsec: Int(moment % 1_000_000_000))
    unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil)
  }

  /// Computes for so long.
  static func pass(_ length: Nanoseconds) {
    let end = now + length.count
    while now < end {}
  }
}
