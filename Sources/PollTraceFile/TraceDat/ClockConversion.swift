internal import PollTrace

/// From the stamps in the pages to the trace's time in nanoseconds, and back.
///
/// In the order in which trace-cmd does it: x86-tsc by the recorded multiplier and shift (option
/// TSC2NSEC), then the offset (options DATE and OFFSET).
struct ClockConversion: Hashable, Sendable {
  /// `ns = stamp × multiplier >> shift`.
  struct Scale: Hashable, Sendable {
    var multiplier: UInt32
    var shift: UInt32
  }
  var scale: Scale?
  /// Added to every time.
  var offset: TimeOffset = 0

  /// Whether stamps are times as they stand.
  var isIdentity: Bool { scale == nil && offset == 0 }

  /// The time of a stamp.
  @inline(never)
  func time(_ stamp: UInt64) -> Timestamp {
    var time = stamp
    if let scale {
      let product = stamp.multipliedFullWidth(by: UInt64(scale.multiplier))
      let shift = min(scale.shift, 63)
      time = product.low >> shift
      if shift > 0 { time |= product.high << (64 - shift) }
      if product.high >> shift > 0 { time = .max }
    }
    return Timestamp(time).moved(by: offset)
  }
}
