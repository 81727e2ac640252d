/// The next halts of one vCPU in full, in order, on their way out of its track.
package struct HaltQueue: Sendable {
  package private(set) var halts: [Halt] = []
  /// Before which of them, by number, events of this vCPU may be lost.
  package private(set) var breaks: [Int] = []

  package var isEmpty: Bool { halts.isEmpty && breaks.isEmpty }

  mutating func add(_ more: Span<Halt>) {
    for index in more.indices { halts.append(more[index]) }
  }

  mutating func breakOff() { breaks.append(halts.count) }
}
