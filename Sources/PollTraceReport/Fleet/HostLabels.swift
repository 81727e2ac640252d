/// What an operator calls a host: `class=web`, `tier=gold`, by key.
package struct HostLabels: Hashable, Sendable {
  private var values: [String: String] = [:]

  package init() {}

  /// Takes `text` in, a key, `=` and a value; false where it is not that, or the key has a value already.
  ///
  /// A key is of small letters, digits and `_`. A value may have letters, digits and `._:/@+-`: so that
  /// one text holds all of them in any table.
  package mutating func add(_ text: String) -> Bool {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, Self.isKey(parts[0].utf8), Self.isValue(parts[1].utf8),
      values[String(parts[0])] == nil
    else { return false }
    values[String(parts[0])] = String(parts[1])
    return true
  }

  /// All of them by key: `class=web;tier=gold`.
  package var text: String {
    values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
  }

  private static func isKey(_ key: Substring.UTF8View) -> Bool {
    guard let first = key.first, isSmall(first) else { return false }
    return key.allSatisfy { isSmall($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
  }

  private static func isValue(_ value: Substring.UTF8View) -> Bool {
    !value.isEmpty
      && value.allSatisfy {
        isSmall($0 | 0x20) || isDigit($0) || "._:/@+-".utf8.contains($0)
      }
  }

  private static func isSmall(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
