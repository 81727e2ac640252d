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
  /// Added to every time, in ns.
  var offset: Int64 = 0

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
    }
    let moved = time &+ UInt64(bitPattern: offset)
    // Before the clock's zero there is no time.
    return Timestamp(offset < 0 && moved > time ? 0 : moved)
  }

  /// The earliest stamp whose time is not before `time`, or a little less.
  func raw(_ time: Timestamp) -> UInt64 {
    var stamp = time.rawValue &- UInt64(bitPattern: offset)
    if let scale {
      let ticks = Double(stamp) * Double(UInt64(1) << min(scale.shift, 63))
      let exact = scale.multiplier == 0 ? 0 : ticks / Double(scale.multiplier)
      stamp = exact > 4_096 && exact < 1.8e19 ? UInt64(exact * (1 - 1e-12)) - 2_048 : 0
    }
    return stamp
  }
}
