extension Int64 {
  /// The whole part, or the number nearest to it that there is; 0 for what is no number.
  package init(saturating value: Double) {
    self = Int64(exactly: value.rounded(.towardZero)) ?? (value.isNaN ? 0 : value < 0 ? .min : .max)
  }
}

extension UInt64 {
  /// The sum, or the greatest number there is: values of a file add up to anything.
  package func plus(_ other: UInt64) -> UInt64 {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? .max : sum
  }

  /// The product, or the greatest number there is.
  func times(_ other: UInt64) -> UInt64 {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? .max : product
  }
}
