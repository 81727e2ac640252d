import ArgumentParser
import PollTrace

/// A share as people write it: `10` or `10%`.
enum Percent {
  /// The share of 1 that `text` says.
  ///
  /// - Throws: `ValidationError` where it is not 0 to 100 percent.
  static func share(_ text: String) throws -> Double {
    let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
    guard let percent = Double(digits), (0...100).contains(percent) else {
      throw ValidationError("give percent of one CPU per vCPU, 0 to 100, for example 10")
    }
    return percent / 100
  }
}
