/// Something that happened at a moment.
package protocol Timed {
  var moment: Timestamp { get }
}

extension Event: Timed {
  package var moment: Timestamp { time }
}

/// Puts what came CPU by CPU, and so is some sorted runs, in order of time.
///
/// Runs are merged two by two, and what is of one moment keeps its order. The memory is used again.
package struct RunMerger<Element: Timed & Sendable>: Sendable {
  /// As long as the longest range so far, so that it stays near.
  private(set) var spare: [Element] = []
  /// Where the sorted runs end, counted from the range's begin.
  private var runs: [Int] = []

  package init() {}

  /// Puts `range` of `elements` in order of time.
  package mutating func sort(_ elements: inout [Element], _ range: Range<Int>) {
    guard merge(&elements, range) else { return }
    for index in range { elements[index] = spare[index - range.lowerBound] }
  }

  /// Puts `range` of `elements` in order of time, there or, where it gives back true, at the begin of
  /// `spare`.
  mutating func merge(_ elements: inout [Element], _ range: Range<Int>) -> Bool {
    findRuns(in: elements.span.extracting(range))
    guard runs.count > 1 else { return false }
    if spare.count < range.count { spare = Array(elements[range]) }
    // Moved out: spans of both arrays are lent at once.
    var (runs, spare) = ([Int](), [Element]())
    swap(&runs, &self.runs)
    swap(&spare, &self.spare)
    defer {
      swap(&runs, &self.runs)
      swap(&spare, &self.spare)
    }
    var isSpare = false
    while runs.count > 1 {
      if isSpare {
        var merged = elements.mutableSpan
        Self.mergePairs(&runs, of: spare.span, into: &merged, at: range.lowerBound)
      } else {
        var merged = spare.mutableSpan
        Self.mergePairs(&runs, of: elements.span.extracting(range), into: &merged, at: 0)
      }
      isSpare.toggle()
    }
    return isSpare
  }

  /// Has `runs` say where each sorted run of `elements` ends.
  private mutating func findRuns(in elements: Span<Element>) {
    runs.removeAll(keepingCapacity: true)
    var last = Timestamp(0)
    for index in elements.indices {
      let time = elements[index].moment
      if time < last { runs.append(index) }
      last = time
    }
    runs.append(elements.count)
  }

  /// Merges each two of `runs` of `elements` into the same place behind `begin` of `merged`.
  private static func mergePairs(
    _ runs: inout [Int], of elements: Span<Element>, into merged: inout MutableSpan<Element>,
    at begin: Int
  ) {
    var start = 0
    var count = 0
    for pair in stride(from: 0, to: runs.count, by: 2) {
      let middle = runs[pair]
      let end = pair + 1 < runs.count ? runs[pair + 1] : middle
      merge(elements, start..<middle, middle..<end, into: &merged, at: begin &+ start)
      runs[count] = end
      count += 1
      start = end
    }
    runs.removeSubrange(count...)
  }

  /// Merges two runs that follow each other, `first` and `second`, into `merged` from `begin` on.
  private static func merge(
    _ elements: Span<Element>, _ first: Range<Int>, _ second: Range<Int>,
    into merged: inout MutableSpan<Element>, at begin: Int
  ) {
    var (left, right, next) = (first.lowerBound, second.lowerBound, begin)
    while left < first.upperBound, right < second.upperBound {
      // A thread stays on a CPU for a while: several of one run follow each other.
      while left < first.upperBound, elements[left].moment <= elements[right].moment {
        merged[next] = elements[left]
        left &+= 1
        next &+= 1
      }
      guard left < first.upperBound else { break }
      while right < second.upperBound, elements[right].moment < elements[left].moment {
        merged[next] = elements[right]
        right &+= 1
        next &+= 1
      }
    }
    for index in left..<first.upperBound {
      merged[next] = elements[index]
      next &+= 1
    }
    for index in right..<second.upperBound {
      merged[next] = elements[index]
      next &+= 1
    }
  }
}
