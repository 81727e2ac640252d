import Synchronization

/// Moves one CPU's ring-buffer pages to its part, on a thread of its own; looks into none of them.
final class CPUReader: Sendable {
  let cpu: Int
  private let source: File
  private let target: File
  private let pipe: Pipe
  private let moved = Atomic<Int>(0)
  private let failure = Mutex<SystemError?>(nil)

  /// Bytes that a pipe carries at once.
  private static let stride = 256 << 10
  /// Pages go to disk after this time at the latest, however few there are.
  private static let patience: Int32 = 1_000
  /// The pause where the kernel says "readable" and has no whole page.
  private static let breath: Int32 = 20

  init(
    cpu: Int, of instance: borrowing TraceInstance, to parts: RecordingParts
  ) throws(CaptureError) {
    let path = "\(instance.directory)/per_cpu/cpu\(cpu)/trace_pipe_raw"
    self.cpu = cpu
    do { source = try File(path, for: .reading) } catch {
      throw CaptureError(error, path, "cannot be read")
    }
    do {
      target = try File(parts.path(cpu: cpu), for: .writing)
      pipe = try Pipe(capacity: Self.stride)
    } catch { throw CaptureError(error, output: parts.path(cpu: cpu)) }
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
        case .neither:
          // An offline CPU has nothing to wait for and answers at once.
          stop.wait(milliseconds: Self.breath)
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
    var total = 0
    while true {
      let count = try pipe.fill(from: source)
      if count == 0 { return total }
      try pipe.empty(count, into: target)
      total += count
      moved.add(count, ordering: .relaxed)
    }
  }

  /// Moves the page that is not full, where recording has ended.
  private func moveRest() throws(SystemError) {
    while true {
      let page = try source.read(upTo: Machine.pageSize)
      if page.isEmpty { return }
      try target.write(page)
      moved.add(page.count, ordering: .relaxed)
    }
  }

  /// Cuts off a page that a full disk took half of.
  private func keepWholePages() {
    let whole = target.size / Machine.pageSize * Machine.pageSize
    try? target.truncate(to: whole)
    moved.store(whole, ordering: .relaxed)
  }
}
