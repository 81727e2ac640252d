import Glibc

/// Rung by a vCPU when it answered a request.
final class Doorbell: Sendable {
  private let counter: Descriptor

  init(_ counter: Descriptor) { self.counter = counter }

  /// Waits until it rings; false: the load was over first.
  func wait(until stop: Stop) throws(Failure) -> Bool {
    var request = pollfd(fd: counter.number, events: Int16(POLLIN), revents: 0)
    while !stop.isRaised {
      guard unsafe poll(&request, 1, Int32(Stop.slice / 1_000_000)) > 0 else { continue }
      var rings: UInt64 = 0
      let count = unsafe read(counter.number, &rings, MemoryLayout.size(ofValue: rings))
      try checked(
        errno: Int32(count), "cannot read an eventfd",
        remedy: "This is a defect of haltload: please report it.")
      return true
    }
    return false
  }
}
