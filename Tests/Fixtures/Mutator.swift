/// Changes bytes at random, from a seed: the same changes each time.
package struct Mutator {
  var random: Randomness
  package init(seed: UInt64) { random = Randomness(seed: seed) }

  /// `file` with one to eight small changes.
  package mutating func mutated(_ file: [UInt8]) -> [UInt8] {
    var file = file
    for _ in 0..<Int.random(in: 1...8, using: &random) where !file.isEmpty { change(&file) }
    return file
  }

  /// `file` with one bit turned over.
  package mutating func flipped(_ file: [UInt8]) -> [UInt8] {
    var file = file
    file[place(in: file)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    return file
  }

  /// Some place in `file`.
  package mutating func place(in file: [UInt8]) -> Int {
    Int.random(in: file.indices, using: &random)
  }

  private mutating func change(_ file: inout [UInt8]) {
    let at = place(in: file)
    switch random.next() % 8 {
    case 0: file[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: file[at] = UInt8.random(in: 0...255, using: &random)
    case 2: put(Self.sizes.randomElement(using: &random) ?? 0, 4, at, &file)
    case 3: put(Self.sizes.randomElement(using: &random) ?? 0, 8, at, &file)
    case 4: put(random.next(), 8, at, &file)
    case 5: file.removeSubrange(at..<min(file.count, at + 16))
    case 6: file.insert(contentsOf: file[at..<min(file.count, at + 16)], at: at)
    default: file.removeLast(min(file.count - 1, Int(random.next() % 64)))
    }
  }

  /// Values at which arithmetic goes wrong.
  private static let sizes: [UInt64] = [
    0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 32,
    0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_ffff_ffff,
  ]

  private func put(_ value: UInt64, _ count: Int, _ at: Int, _ file: inout [UInt8]) {
    for byte in 0..<min(count, file.count - at) {
      file[at + byte] = UInt8(truncatingIfNeeded: value >> (byte * 8))
    }
  }
}
