/// Random numbers from a seed: the same recording gives the same answer, on any number of threads.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
package struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  private static let step: UInt64 = 0x9e37_79b9_7f4a_7c15

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= Self.step
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// The number that comes after `count` others.
  func next(after count: Int) -> UInt64 {
    var other = self
    other.skip(count)
    return other.next()
  }

  /// Passes over `count` numbers.
  mutating func skip(_ count: Int) {
    state &+= UInt64(count) &* Self.step
  }

  /// A number in 0..<1.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in 0..<count.
  mutating func index(below count: Int) -> Int { Int(next() % UInt64(count)) }
}
