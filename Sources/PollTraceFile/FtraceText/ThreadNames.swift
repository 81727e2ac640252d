internal import PollTrace

/// The names and processes of the threads in a text, each looked at once.
struct ThreadNames {
  private(set) var names: [ThreadID: String] = [:]
  private(set) var processes: [ThreadID: ProcessID] = [:]
  /// Threads that were looked at, by the low bits of their numbers.
  private var seen: [ThreadID] = Array(repeating: ThreadID(-1), count: 1_024)

  /// Notes what the line from `begin` in `text` says of the thread of `context`.
  @inline(__always)
  mutating func note(_ context: LineContext, _ text: Bytes, _ begin: Int) {
    let slot = Int(context.thread.rawValue) & 1_023
    if seen[slot] != context.thread { look(context, text, begin) }
  }

  @inline(never)
  private mutating func look(_ context: LineContext, _ text: Bytes, _ begin: Int) {
    guard let name = context.name(text, begin) else { return }
    seen[Int(context.thread.rawValue) & 1_023] = context.thread
    names[context.thread] = name
    if let process = context.process { processes[context.thread] = process }
  }
}
