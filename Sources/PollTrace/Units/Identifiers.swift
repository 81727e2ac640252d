/// A host CPU, the owner of one ring buffer.
public struct CPU: RawRepresentable, Hashable, Comparable, Sendable {
  /// The kernel's number of the CPU.
  public var rawValue: UInt32
  /// The CPU with the kernel's number `rawValue`.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// The CPU with the kernel's number `rawValue`.
  public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  /// Whether the left CPU has the lower number.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  /// Of an event whose CPU the trace does not say.
  public static var unknown: Self { Self(.max) }
}

/// A Linux task: a vCPU's thread, or whoever wakes it (`common_pid`); 0 is the idle task.
public struct ThreadID: RawRepresentable, Hashable, Comparable, Sendable {
  /// The kernel's pid of the task (what user space calls tid).
  public var rawValue: Int32
  /// The task with the kernel's pid `rawValue`.
  public init(rawValue: Int32) { self.rawValue = rawValue }
  /// The task with the kernel's pid `rawValue`.
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
  /// Whether the left task has the lower number.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  /// The idle task, which runs where nothing else does.
  public static var idle: Self { Self(0) }
  /// Whether it is the kernel's number: a trace that does not say it has threads of negative numbers.
  public var isKnown: Bool { rawValue >= 0 }
  /// The thread as people call it.
  package var label: String { isKnown ? "thread \(rawValue)" : "a thread without number" }
}

/// A process (thread group): one VM is known by its process.
public struct ProcessID: RawRepresentable, Hashable, Comparable, Sendable {
  /// The kernel's tgid (what user space calls pid).
  public var rawValue: Int32
  /// The process with the kernel's tgid `rawValue`.
  public init(rawValue: Int32) { self.rawValue = rawValue }
  /// The process with the kernel's tgid `rawValue`.
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
  /// Whether the left process has the lower number.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
