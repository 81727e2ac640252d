/// Something that happened at a moment.
protocol Timed {
  var moment: Timestamp { get }
}

extension Event: Timed {
  var moment: Timestamp { time }
}

extension TracedHalt: Timed {
  var moment: Timestamp { woke }
}

/// Puts what came CPU by CPU, and so is some sorted runs, in order of time.
///
/// Runs are merged two by two, and what is of one moment keeps its order. The memory is used again.
struct RunMerger<Element: Timed & Sendable>: Sendable {
  private(set) var spare: [Element] = []
  /// Where the sorted runs end.
  private var runs: [Int] = []

  /// Puts `range` of `elements` in order of time.
  mutating func sort(_ elements: inout [Element], _ range: Range<Int>) {
    if merge(&elements, range) { for index in range { elements[index] = spare[index] } }
  }

  /// Puts `range` of `elements` in order of time, there or, where it gives back true, in `spare`.
  mutating func merge(_ elements: inout [Element], _ range: Range<Int>) -> Bool {
    findRuns(in: range, of: elements)
    guard runs.count > 1 else { return false }
    if spare.count < elements.count { spare = elements }
    var isSpare = false
    while runs.count > 1 {
      if isSpare {
        Self.mergePairs(&runs, from: range.lowerBound, of: spare, into: &elements)
      } else {
        Self.mergePairs(&runs, from: range.lowerBound, of: elements, into: &spare)
      }
      isSpare.toggle()
    }
    return isSpare
  }

  /// Has `runs` say where each sorted run in `range` ends.
  private mutating func findRuns(in range: Range<Int>, of elements: [Element]) {
    runs.removeAll(keepingCapacity: true)
    var last = Timestamp(0)
    for index in range {
      let time = elements[index].moment
      if time < last { runs.append(index) }
      last = time
    }
    runs.append(range.upperBound)
  }

  /// Merges each two of `runs`, the first of which begins at `start`.
  private static func mergePairs(
    _ runs: inout [Int], from start: Int, of elements: [Element], into merged: inout [Element]
  ) {
    var merged = merged.mutableSpan
    var start = start
    var count = 0
    for pair in stride(from: 0, to: runs.count, by: 2) {
      let middle = runs[pair]
      let end = pair + 1 < runs.count ? runs[pair + 1] : middle
      merge(elements, start..<middle, middle..<end, into: &merged)
      runs[count] = end
      count += 1
      start = end
    }
    runs.removeSubrange(count...)
  }

  /// Merges two runs that follow each other, `first` and `second`, into the same place of `merged`.
  private static func merge(
    _ elements: [Element], _ first: Range<Int>, _ second: Range<Int>,
    into merged: inout MutableSpan<Element>
  ) {
    var (left, right, next) = (first.lowerBound, second.lowerBound, first.lowerBound)
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
