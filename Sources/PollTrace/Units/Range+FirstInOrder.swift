extension Range<Int> {
  /// The first place in it at which `holds`; its end where there is none.
  ///
  /// It must hold at all places behind that one as well: the place is found by halving.
  @inlinable @inline(__always)
  package func firstInOrder(where holds: (Int) -> Bool) -> Int {
    var (low, high) = (lowerBound, upperBound)
    while low < high {
      let middle = low &+ (high &- low) / 2
      if holds(middle) { high = middle } else { low = middle &+ 1 }
    }
    return low
  }
}
