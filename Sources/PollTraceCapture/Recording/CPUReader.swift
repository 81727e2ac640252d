import Synchronization

/// Moves one CPU's ring-buffer pages to its part, on a thread of its own; looks into none of them.
final class CPUReader: Sendable {
  let cpu: Int
  /// The buffer's folder in tracefs.
  private let folder: String
  private let source: File
  private let target: File
  private let pipe: Pipe
  /// Where its events begin.
  private let room: Int
  private let moved = Atomic<Int>(0)
  private let failure = Mutex<SystemError?>(nil)
  /// Held while pages are moved: this reader's thread and `flush` may both want to.
  private let moving = Mutex<Void>(())

  /// Bytes that a pipe carries at once.
  private static let stride = 256 << 10
  /// Pages go to disk after this time at the latest, however few there are.
  private static let patience: Int32 = 1_000
  /// The pause where the kernel says "readable" and has no whole page.
  private static let breath: Int32 = 20
  /// How often the rest is asked for at the end, while the kernel counts events that are still in.
  private static let attempts = 10

  init(
    cpu: Int, of instance: borrowing TraceInstance, to parts: RecordingParts
  ) throws(CaptureError) {
    self.cpu = cpu
    folder = instance.folder(ofCPU: cpu)
    let path = "\(folder)/trace_pipe_raw"
    do { source = try File(path) } catch {
      throw CaptureError(error, path, "cannot be read")
    }
    room = parts.room
    do {
      target = try parts.folder.open(RecordingParts.name(cpu: cpu), for: .writing)
      target.seek(to: room)
      pipe = try Pipe(capacity: Self.stride)
    } catch { throw CaptureError(error, output: parts.path(of: RecordingParts.name(cpu: cpu))) }
  }

  /// Bytes on disk by now.
  var bytes: Int { moved.load(ordering: .relaxed) }
  /// Why it had to end early.
  var error: SystemError? { failure.withLock { $0 } }

  /// Runs until `stop` is raised; then takes the rest, too.
  func run(until stop: StopSignal) {
    do throws(SystemError) {
      while true {
        try moveWholePages()
        switch stop.wait(orFor: source, milliseconds: Self.patience) {
        case .stopped:
          try moveWholePages()
          try moveRest()
          return
        case .readable:
          if try moveWholePages() == 0 { stop.wait(milliseconds: Self.breath) }
        case .nothing: break
        // A CPU that was never online has no buffer yet, and answers at once.
        case .absent: stop.wait(milliseconds: Self.patience)
        }
      }
    } catch {
      failure.withLock { $0 = error }
      keepWholePages()
    }
  }

  /// Moves pages that are full; gives back how many bytes.
  @discardableResult
  private func moveWholePages() throws(SystemError) -> Int {
    try moving.withLock { _ throws(SystemError) in try moveFullOnes() }
  }

  /// Moves all that was recorded until now, from any thread; the page that is not full is filled up with nothing.
  func flush() throws(SystemError) {
    if let error { throw error }
    try moving.withLock { _ throws(SystemError) in
      _ = try moveFullOnes()
      try moveOne()
    }
  }

  private func moveFullOnes() throws(SystemError) -> Int {
    var total = 0
    while true {
      let count = try whereOnline(else: 0) { () throws(SystemError) in try pipe.fill(from: source) }
      if count == 0 { return total }
      try pipe.empty(count, into: target)
      total += count
      moved.add(count, ordering: .relaxed)
    }
  }

  /// Moves the page that is not full, where recording has ended.
  ///
  /// An event that was being written when recording was switched off shows a moment later: a CPU of
  /// a busy or emulated host may stand still in the middle of it.
  private func moveRest() throws(SystemError) {
    for attempt in 1...Self.attempts {
      try moveWhatIsThere()
      if attempt == Self.attempts || BufferStatistics(in: folder).waiting == 0 { return }
      Machine.pause(milliseconds: UInt32(Self.breath))
    }
  }

  private func moveWhatIsThere() throws(SystemError) {
    try moving.withLock { _ throws(SystemError) in while try moveOne() {} }
  }

  /// Moves a page as far as it is full; false where there is none.
  @discardableResult
  private func moveOne() throws(SystemError) -> Bool {
    let page = try whereOnline(else: []) { () throws(SystemError) in
      try source.read(upTo: Machine.pageSize)
    }
    guard !page.isEmpty else { return false }
    try target.write(page)
    moved.add(page.count, ordering: .relaxed)
    return true
  }

  /// What `read` gives; `nothing` as long as the CPU has no buffer, since it was never online
  /// (ENODEV, `ring_buffer_alloc_read_page()` of linux kernel/trace/ring_buffer.c).
  private func whereOnline<Read>(
    else nothing: Read, _ read: () throws(SystemError) -> Read
  ) throws(SystemError) -> Read {
    do { return try read() } catch {
      guard error.isNoDevice else { throw error }
      return nothing
    }
  }

  /// Cuts off a page that a full disk took half of.
  private func keepWholePages() {
    let whole = max(0, target.size - room) / Machine.pageSize * Machine.pageSize
    try? target.truncate(to: room + whole)
    moved.store(whole, ordering: .relaxed)
  }
}
