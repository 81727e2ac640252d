/// One of a target's parameters: a file below /sys/module.
///
/// linux virt/kvm/kvm_main.c and drivers/cpuidle/governors/haltpoll.c: all are `unsigned int` but
/// `guest_halt_poll_allow_shrink`, a `bool`.
package struct Parameter: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// In ns.
    case length
    /// What a polling interval is multiplied by; 0: it never grows.
    case factor
    /// What a polling interval is divided by; 0: it closes, 1: it never shrinks.
    case divisor
    /// Whether an interval may shrink: Y or N.
    case allowance
  }

  /// The file's name.
  package let name: String
  /// Its name in a list of settings.
  package let short: String
  package let kind: Kind

  /// The greatest value that polltrace sets.
  ///
  /// The kernel takes any 32-bit value, and polls for seconds when told to. 10 ms is more than four times
  /// the longest in use (tuned's sap-hana-kvm-guest: 2.4 ms), so a greater one is a slip of the unit. An
  /// interval of 10 ms times 400 still fits into the kernel's 32 bits.
  package var most: UInt32 {
    switch kind {
    case .length: 10_000_000
    case .factor: 400
    case .divisor: 1_000_000
    case .allowance: 1
    }
  }

  /// The greater, the more is polled with `value`, all else equal.
  func rank(_ value: UInt32) -> UInt32 {
    switch kind {
    case .length, .factor: value
    case .divisor: value == 0 ? 0 : UInt32.max - (value - 1)
    case .allowance: value == 0 ? 1 : 0
    }
  }

  /// What the kernel takes, and shows, for `value`.
  package func text(_ value: UInt32) -> String {
    kind == .allowance ? (value == 0 ? "N" : "Y") : String(value)
  }

  /// The value that the kernel shows as `text`; nil where it is none.
  package func value(_ text: String) -> UInt32? {
    guard kind == .allowance else { return UInt32(text) }
    return switch text {
    case "Y", "y", "1": 1
    case "N", "n", "0": 0
    default: nil
    }
  }
}
