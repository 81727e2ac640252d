import Glibc

/// SplitMix64: the same numbers from the same seed, on every machine.
struct Random {
  private var state: UInt64

  init(seed: UInt64, stream: Int) {
    state = seed &+ UInt64(stream) &* 0xd1b5_4a32_d192_ed03
    state = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  /// From 0 up to, not including, 1.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func exponential(mean: Double) -> Double { -mean * log(1 - uniform()) }
}
