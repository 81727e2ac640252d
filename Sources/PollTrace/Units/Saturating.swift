extension Int64 {
  /// The whole part, or the number nearest to it that there is; 0 for what is no number.
  package init(saturating value: Double) {
    self = Int64(exactly: value.rounded(.towardZero)) ?? (value.isNaN ? 0 : value < 0 ? .min : .max)
  }
}

/// Arithmetic on numbers of a file, which add up to anything: what is beyond the type's ends is the end.
extension FixedWidthInteger {
  /// The sum, or the number nearest to it that there is.
  @inlinable
  package func plus(_ other: Self) -> Self {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? (other < 0 ? .min : .max) : sum
  }

  /// Adds `other`, as far as there are numbers: how counts of vCPUs, threads and traces are put together.
  @inlinable
  package mutating func add(_ other: Self) { self = plus(other) }

  /// The difference, or the number nearest to it that there is.
  @inlinable
  package func minus(_ other: Self) -> Self {
    let (difference, overflows) = subtractingReportingOverflow(other)
    return overflows ? (other < 0 ? .max : .min) : difference
  }

  /// The product, or the number nearest to it that there is.
  @inlinable
  package func times(_ other: Self) -> Self {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? ((self < 0) == (other < 0) ? .max : .min) : product
  }
}
