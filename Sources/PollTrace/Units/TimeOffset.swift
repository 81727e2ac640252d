/// A signed length of time in nanoseconds: how far one clock is ahead of another, or one point in time behind
/// another one.
///
/// Sums and differences stop at 292 years in either direction.
package struct TimeOffset: RawRepresentable, Hashable, Comparable, Sendable,
  ExpressibleByIntegerLiteral
{
  /// Nanoseconds; less than 0 where it leads back.
  package var rawValue: Int64

  package init(rawValue: Int64) { self.rawValue = rawValue }
  package init(_ rawValue: Int64) { self.rawValue = rawValue }
  package init(integerLiteral value: Int64) { rawValue = value }
  /// A length of time.
  package init(_ length: Nanoseconds) { rawValue = Int64(clamping: length.rawValue) }
  /// Where a point lies behind its clock's zero.
  package init(_ point: Timestamp) { rawValue = Int64(clamping: point.rawValue) }
  /// The nearest one to a number of ns that was computed.
  package init(saturating nanoseconds: Double) { rawValue = Int64(saturating: nanoseconds) }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  package static func + (left: Self, right: Self) -> Self {
    Self(left.rawValue.plus(right.rawValue))
  }
  package static func - (left: Self, right: Self) -> Self {
    Self(left.rawValue.minus(right.rawValue))
  }
  package static prefix func - (offset: Self) -> Self { 0 - offset }
  package func times(_ factor: Int64) -> Self { Self(rawValue.times(factor)) }
}

extension Timestamp {
  /// The point `offset` later, or earlier where that leads back: at least the clock's zero, at most the last
  /// point there is.
  package func moved(by offset: TimeOffset) -> Self {
    let length = Nanoseconds(offset.rawValue.magnitude)
    return offset < 0 ? self - length : self + length
  }
}
