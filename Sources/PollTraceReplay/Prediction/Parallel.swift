internal import Dispatch
internal import Synchronization

/// Work on several threads whose results come back in order, whatever their number.
package enum Parallel {
  /// `transform` of 0..<count, on at most `threads` threads.
  package static func map<Result: Sendable>(
    _ count: Int, threads: Int, _ transform: @Sendable (Int) -> Result
  ) -> [Result] {
    guard threads > 1, count > 1 else { return (0..<count).map(transform) }
    let results = Results<Result>(count)
    DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
      while let index = results.next() { results.finish(index, transform(index)) }
    }
    return results.all
  }

  /// `transform` of each of `elements`, on at most `threads` threads.
  package static func map<Element: Sendable, Result: Sendable>(
    _ elements: some RandomAccessCollection<Element> & Sendable, threads: Int,
    _ transform: @Sendable (Element) -> Result
  ) -> [Result] {
    map(elements.count, threads: threads) { number in
      transform(elements[elements.index(elements.startIndex, offsetBy: number)])
    }
  }

  private final class Results<Element: Sendable>: Sendable {
    private struct State {
      var next = 0
      var results: [Element?]
    }
    private let state: Mutex<State>
    private let count: Int

    init(_ count: Int) {
      self.count = count
      state = Mutex(State(results: Array(repeating: nil, count: count)))
    }

    func next() -> Int? {
      state.withLock { state in
        guard state.next < count else { return nil }
        defer { state.next += 1 }
        return state.next
      }
    }

    func finish(_ index: Int, _ result: Element) { state.withLock { $0.results[index] = result } }

    var all: [Element] { state.withLock { $0.results.compactMap(\.self) } }
  }
}
