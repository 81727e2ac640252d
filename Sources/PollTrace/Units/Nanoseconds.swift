/// A length of time in nanoseconds.
///
/// Block lengths, poll windows and ceilings are all of this kind. `Duration` is not used for trace
/// data: adding two costs an order of magnitude more in a loop.
public struct Nanoseconds: RawRepresentable, Hashable, Comparable, Sendable,
  ExpressibleByIntegerLiteral
{
  /// Nanoseconds, never negative.
  public var rawValue: UInt64

  /// A length of `rawValue` nanoseconds.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  /// A length of `rawValue` nanoseconds.
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }
  /// A length written as a literal, in nanoseconds.
  public init(integerLiteral value: UInt64) { self.rawValue = value }

  /// No time at all.
  public static var zero: Self { 0 }

  /// Whether the left length is shorter.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  /// The sum, at most 584 years.
  public static func + (left: Self, right: Self) -> Self {
    Self(left.rawValue.plus(right.rawValue))
  }
  /// The difference, or zero where the right length is longer.
  public static func - (left: Self, right: Self) -> Self {
    left.rawValue > right.rawValue ? Self(left.rawValue &- right.rawValue) : 0
  }
  /// The length `factor` times, at most 584 years.
  package func times(_ factor: UInt64) -> Self { Self(rawValue.times(factor)) }
  /// A share of it, at most all of it.
  func scaled(by share: Double) -> Self {
    let part = Double(rawValue) * share
    return part < Double(rawValue) ? Self(UInt64(max(0, part))) : self
  }
  /// Adds a length to this one.
  public static func += (left: inout Self, right: Self) { left = left + right }
}
