package import PollTrace

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// How long windows take to forget the setting before.
package enum Settling {
  /// Without knowledge of the guests.
  package static let assumed: Nanoseconds = 2_000_000_000
  /// Each step of a window needs a halt of the right length; so many halts bring one.
  private static let haltsOfStep = 10.0

  /// The steps of a window from its start to its ceiling, or back, under `parameters`.
  ///
  /// linux virt/kvm/kvm_main.c `grow_halt_poll_ns()`, `shrink_halt_poll_ns()`.
  package static func steps(_ parameters: PollParameters) -> Int {
    let start = Double(max(1, parameters.growStart))
    let octaves = log(max(1, Double(parameters.ceiling) / start))
    func steps(_ factor: UInt32) -> Double {
      factor < 2 ? 1 : (octaves / log(Double(factor))).rounded(.up) + 1
    }
    return Int(max(steps(parameters.grow), steps(parameters.shrink)))
  }

  /// The time for `steps` steps of a vCPU that halts `rate` times a second, at most a quarter of `block`.
  package static func time(
    steps: Int, haltsPerSecond rate: Double?, block: Nanoseconds
  ) -> Nanoseconds {
    let most = Nanoseconds(block.rawValue / 4)
    guard let rate, rate > 0 else { return min(assumed, most) }
    let needed = Double(steps) * haltsOfStep / rate * 1e9
    return min(max(Nanoseconds(UInt64(min(needed, 1e18))), shortest), most)
  }

  /// What else a switch needs: caches, and CPUs' own governors.
  private static let shortest: Nanoseconds = 500_000_000
}
