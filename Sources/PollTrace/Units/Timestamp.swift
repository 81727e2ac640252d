/// A point in time on the trace's clock, in nanoseconds from that clock's own zero.
///
/// Points of two recordings, or of two clocks, must not be compared.
public struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable {
  /// Nanoseconds since the clock's zero (boot, for the clock `mono`).
  public var rawValue: UInt64

  /// The point `rawValue` nanoseconds after the clock's zero.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  /// The point `rawValue` nanoseconds after the clock's zero.
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// Whether the left point is earlier.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  /// The time from `earlier` to `later`; zero where they are the other way round.
  public static func - (later: Self, earlier: Self) -> Nanoseconds {
    later.rawValue > earlier.rawValue ? Nanoseconds(later.rawValue &- earlier.rawValue) : 0
  }
  /// The point `length` before `point`; the clock's zero where there is none.
  public static func - (point: Self, length: Nanoseconds) -> Self {
    point.rawValue > length.rawValue ? Self(point.rawValue &- length.rawValue) : Self(0)
  }
  /// The point `length` after `point`, at most the last one there is.
  public static func + (point: Self, length: Nanoseconds) -> Self {
    Self(point.rawValue.plus(length.rawValue))
  }
}
