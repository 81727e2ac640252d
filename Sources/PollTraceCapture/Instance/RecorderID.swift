/// Names a recorder for good: its process and when that began.
struct RecorderID: Hashable, Sendable {
  var process: Int32
  /// In the kernel's clock ticks since boot (field 22 of /proc/PID/stat).
  var began: UInt64

  /// This process.
  static var own: Self {
    Self(process: Machine.process, began: start(of: Machine.process) ?? 0)
  }

  /// The name of its tracefs instance.
  var instance: String { "polltrace-\(process)-\(began)" }

  /// The recorder an instance belongs to; nil where polltrace did not make it.
  init?(instance: String) {
    let parts = instance.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "polltrace", let process = Int32(parts[1]),
      let began = UInt64(parts[2])
    else { return nil }
    self.init(process: process, began: began)
  }

  init(process: Int32, began: UInt64) {
    self.process = process
    self.began = began
  }

  /// Whether it still runs.
  var isAlive: Bool { Self.start(of: process) == began }

  private static func start(of process: Int32) -> UInt64? {
    guard let text = Paths.text("/proc/\(process)/stat"), let name = text.lastIndex(of: ")") else {
      return nil
    }
    // After the name come fields 3, 4, …
    let fields = text[text.index(after: name)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z" else { return nil }
    return UInt64(fields[19])
  }
}

/// Instances that dead recorders left behind.
enum StaleInstances {
  /// Removes them and names them; those of living recorders and of others stay.
  static func remove() -> [String] {
    TraceFS.instances.sorted().filter { name in
      guard let recorder = RecorderID(instance: name), !recorder.isAlive else { return false }
      return TraceFS.remove(name)
    }
  }
}
