import Foundation

/// How many seeded places each trace is damaged at; POLLTRACE_PLACES overrules them all.
package enum Places {
  private static let asked = ProcessInfo.processInfo.environment["POLLTRACE_PLACES"].flatMap {
    Int($0)
  }
  /// Of a recorded trace.dat.
  package static let recorded = asked ?? 4
  /// Of a recorded text or perf.data.
  package static let other = asked ?? 200
  /// Of a small trace.
  package static func small(_ name: String) -> Int {
    asked ?? (["recorded-lost", "plain-v7-zstd"].contains(name) ? 1_000 : 10)
  }
}
