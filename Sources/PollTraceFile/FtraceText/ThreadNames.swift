internal import PollTrace

/// The names and processes of the threads in a text, each looked at once; and whether the numbers that the
/// text has for threads can be threads.
struct ThreadNames {
  private(set) var names: [ThreadID: String] = [:]
  /// Names in lines that are not about halts, whose threads may have had other ones later.
  private(set) var passing: [ThreadID: String] = [:]
  private(set) var processes: [ThreadID: ProcessID] = [:]
  /// Numbers with two names, or with decisions of two vCPUs.
  private(set) var shared: Set<ThreadID> = []

  /// Whether a thread belongs to two processes: the text is of two machines, or the number was given again.
  private(set) var areOfTwoProcesses = false

  /// A thread that was looked at, its process and the end of its name as they were then, and its vCPU.
  private struct Seen {
    var thread = ThreadID(-1)
    var process: ProcessID?
    var name: (UInt64, UInt64) = (0, 0)
    var vcpu: UInt32?
  }
  /// By the low bits of their numbers.
  private var seen = Array(repeating: Seen(), count: 1_024)

  /// Notes what the line from `begin` in `text` says of the thread of `context`.
  @inline(__always)
  mutating func note(_ context: LineContext, _ text: Bytes, _ begin: Int) {
    let slot = Int(context.thread.rawValue) & 1_023
    let name = Self.end(of: context, text, begin)
    if seen[slot].thread != context.thread || seen[slot].name != name
      || seen[slot].process != context.process
    {
      look(context, text, begin, name)
    }
  }

  /// Notes the thread's name in a line that is not about a halt.
  @inline(__always)
  mutating func notePassing(_ context: LineContext, _ text: Bytes, _ begin: Int) {
    guard passing[context.thread] == nil, let name = context.name(text, begin) else { return }
    passing[context.thread] = name
  }

  /// Notes whose decision the line was.
  @inline(__always)
  mutating func note(_ vcpu: UInt32, of context: LineContext) {
    let slot = Int(context.thread.rawValue) & 1_023
    guard seen[slot].thread == context.thread, seen[slot].vcpu != vcpu else { return }
    if seen[slot].vcpu != nil, context.isAlone { shared.insert(context.thread) }
    seen[slot].vcpu = vcpu
  }

  /// Notes that `thread` belongs to `process`, and its name.
  mutating func add(_ thread: ThreadID, _ name: String?, _ process: ProcessID) {
    if let name { names[thread] = name }
    processes[thread] = process
  }

  /// The 16 bytes before the end of the name, fewer where the line begins in them.
  @inline(__always)
  private static func end(
    of context: LineContext, _ text: Bytes, _ begin: Int
  ) -> (UInt64, UInt64) {
    let width = context.nameEnd &- begin
    let (last, first) = (text.word(context.nameEnd &- 8), text.word(context.nameEnd &- 16))
    if width >= 16 { return (first, last) }
    return width >= 8
      ? (first >> UInt64(8 * (16 - width)), last) : (0, last >> UInt64(8 * (8 - max(0, width))))
  }

  @inline(never)
  private mutating func look(
    _ context: LineContext, _ text: Bytes, _ begin: Int, _ end: (UInt64, UInt64)
  ) {
    let slot = Int(context.thread.rawValue) & 1_023
    let vcpu = seen[slot].thread == context.thread ? seen[slot].vcpu : nil
    seen[slot] = Seen(
      thread: context.thread, process: context.process, name: end, vcpu: vcpu)
    if let process = context.process {
      let before = processes.updateValue(process, forKey: context.thread)
      if before ?? process != process { areOfTwoProcesses = true }
    }
    guard let name = context.name(text, begin) else { return }
    if context.isAlone, let before = names[context.thread], before != name {
      shared.insert(context.thread)
    }
    names[context.thread] = name
  }
}
