import Glibc

/// Why the load could not begin or go on: what, where, and what to do.
struct Failure: Error, Hashable {
  var explanation: String
  var remedy: String

  init(_ explanation: String, remedy: String) {
    self.explanation = explanation
    self.remedy = remedy
  }
}

extension Failure: CustomStringConvertible {
  var description: String { "\(explanation)\n  \(remedy)" }
}

/// The result of a call that answers -errno when it fails.
@discardableResult
func checked(_ result: Int32, _ what: String, remedy: String) throws(Failure) -> Int32 {
  guard result < 0 else { return result }
  throw Failure("\(what): \(unsafe String(cString: strerror(-result)))", remedy: remedy)
}

/// The result of a call that answers -1 and sets errno when it fails.
@discardableResult
func checked(errno result: Int32, _ what: String, remedy: String) throws(Failure) -> Int32 {
  try checked(result < 0 ? -errno : result, what, remedy: remedy)
}
