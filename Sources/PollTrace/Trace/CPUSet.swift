/// Some of a machine's CPUs, as the kernel writes a list of them: `0-3,8` (linux
/// Documentation/admin-guide/cputopology.rst).
package struct CPUSet: Hashable, Comparable, Sendable {
  /// In order, with gaps between them.
  private var ranges: [ClosedRange<UInt32>] = []

  package init(_ cpus: some Sequence<CPU>) {
    for number in Set(cpus).map(\.rawValue).sorted() {
      if let last = ranges.last, number > 0, last.upperBound == number - 1 {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
  }

  /// The list `text`; nil where it is none, or names no CPU.
  package init?(_ text: some StringProtocol) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      guard let first = ends.first.flatMap({ UInt32($0) }),
        let last = ends.count == 1 ? first : UInt32(ends[1]), first <= last, last < .max,
        ranges.last.map({ $0.upperBound < first }) ?? true
      else { return nil }
      if let before = ranges.last, before.upperBound + 1 == first {
        ranges[ranges.count - 1] = before.lowerBound...last
      } else {
        ranges.append(first...last)
      }
    }
  }

  /// The list as the kernel writes it.
  package var text: String {
    ranges.map { range in
      range.lowerBound == range.upperBound
        ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }.joined(separator: ",")
  }

  /// Whether the left set's first CPU has the lower number.
  package static func < (left: CPUSet, right: CPUSet) -> Bool {
    left.ranges.lexicographicallyPrecedes(right.ranges) {
      ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
    }
  }

  package var isEmpty: Bool { ranges.isEmpty }

  package func contains(_ cpu: CPU) -> Bool {
    ranges.contains { $0.contains(cpu.rawValue) }
  }

  /// The CPUs of both.
  package func union(_ other: CPUSet) -> CPUSet {
    let all = (ranges + other.ranges).sorted { $0.lowerBound < $1.lowerBound }
    var both = CPUSet([])
    for range in all {
      if let last = both.ranges.last,
        range.lowerBound <= last.upperBound || range.lowerBound - last.upperBound == 1
      {
        both.ranges[both.ranges.count - 1] =
          last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        both.ranges.append(range)
      }
    }
    return both
  }

  /// Whether it has all CPUs of `other`.
  package func isSuperset(of other: CPUSet) -> Bool {
    other.ranges.allSatisfy { part in
      ranges.contains { $0.lowerBound <= part.lowerBound && part.upperBound <= $0.upperBound }
    }
  }
}
