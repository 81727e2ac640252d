package import PollTrace
import PollTraceCapture

/// This boot of the machine, and its time.
enum Boot {
  static var id: String { Machine.boot }

  /// Since the boot, sleep included: whoever closes a laptop's lid does not get more time to confirm.
  static var now: UInt64 { (Machine.now(on: "boot") ?? Timestamp(0)).rawValue }
}

extension ChangeRecord {
  /// Whether it was made before the machine was restarted, and so is taken back.
  package var isVoid: Bool { boot != Boot.id }

  /// How long it may still be confirmed; zero where its time is over.
  package var left: Nanoseconds { Timestamp(deadline) - Timestamp(Boot.now) }
}
