/// Names a recorder's instance by its process and when that began, so that no two have the same.
///
/// It is for people: whether a recorder still runs, its lock says.
struct RecorderID: Hashable, Sendable {
  private var process: Int32
  /// In the kernel's clock ticks since boot (field 22 of /proc/PID/stat).
  private var began: UInt64

  /// This process.
  static var own: Self { Self(process: Machine.process, began: start(of: Machine.process) ?? 0) }

  /// The name of its tracefs instance.
  var instance: String { "polltrace-\(process)-\(began)" }

  /// Whether a recorder gave that name to an instance.
  static func names(instance: String) -> Bool {
    let parts = instance.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0] == "polltrace" && Int32(parts[1]) != nil
      && UInt64(parts[2]) != nil
  }

  private static func start(of process: Int32) -> UInt64? {
    guard let text = Paths.text("/proc/\(process)/stat"), let name = text.lastIndex(of: ")") else {
      return nil
    }
    // After the name come fields 3, 4, …
    let fields = text[text.index(after: name)...].split(separator: " ")
    return fields.count > 19 ? UInt64(fields[19]) : nil
  }
}
