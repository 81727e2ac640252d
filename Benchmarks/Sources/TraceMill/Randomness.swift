import Glibc

/// Random numbers from a seed (SplitMix64: Steele, Lea and Flood, 2014).
struct Randomness {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number of `range`, whose length is far below 2⁶⁴: all are nearly as likely.
  mutating func next(in range: Range<UInt64>) -> UInt64 {
    range.lowerBound + next() % UInt64(range.count)
  }

  /// A time of exponential distribution, in ns.
  mutating func exponential(mean: Double) -> UInt64 {
    UInt64(-mean * log(1 - Double(next() >> 11) * 0x1p-53))
  }
}
