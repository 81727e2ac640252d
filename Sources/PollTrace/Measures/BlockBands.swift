/// Lengths of halts in bands of a quarter octave: coarse enough for a picture.
///
/// Band 0 takes everything below 80 ns, the last one everything from 68 s on.
package enum BlockBands {
  package static let perOctave = 4
  package static let count = 121
  private static let octave = 6

  /// Which band `length` falls into.
  package static func band(of length: UInt64) -> Int {
    let exponent = 63 - (length | 1).leadingZeroBitCount
    guard exponent >= octave else { return 0 }
    let quarter = Int(truncatingIfNeeded: length >> UInt64(exponent - 2)) & 3
    return min((exponent - octave) * perOctave + quarter, count - 1)
  }

  /// The least length of `band`, in ns; that of band 0 stands for all shorter ones.
  package static func floor(of band: Int) -> UInt64 {
    UInt64(4 + band % perOctave) << UInt64(octave - 2 + band / perOctave)
  }
}
