internal import PollTrace
internal import Synchronization

/// One CPU's pages that were taken out of its ring buffer and not decoded yet, oldest first.
final class PageInbox: Sendable {
  private let waiting = Mutex<[CPUPages]>([])

  /// Puts `pages` behind the others.
  func add(_ pages: CPUPages) { waiting.withLock { $0.append(pages) } }

  /// The oldest pages, which are gone from here then; nil where there are none.
  func next() -> CPUPages? { waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}
