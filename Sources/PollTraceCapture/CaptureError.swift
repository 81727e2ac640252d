/// Why recording could not begin or go on.
package struct CaptureError: Error, Hashable {
  /// What, where.
  package var explanation: String
  /// What to do.
  package var remedy: String
  package init(_ explanation: String, remedy: String) {
    self.explanation = explanation
    self.remedy = remedy
  }
}

extension CaptureError: CustomStringConvertible {
  package var description: String { "\(explanation)\n  \(remedy)" }
}
