package import PollTrace

/// The events of a CPU on their way from pages to tracks: room that is used again and again.
package struct EventBatch: Sendable {
  /// Room, of which the first `count` events are filled.
  var room: [Event] = []
  package private(set) var count = 0
  /// Losses that lie behind those of all batches before.
  package private(set) var losses: [(cpu: CPU, loss: Losses.Loss)] = []

  package init() {}

  /// Makes room for `more` events.
  mutating func reserve(_ more: Int) {
    guard room.count < count + more else { return }
    let nothing = Event(time: Timestamp(0), cpu: CPU(0), thread: .idle, kind: .lost(count: nil))
    let missing = count + more - room.count
    room += repeatElement(nothing, count: max(missing, room.count))
  }

  mutating func append(_ event: Event) {
    reserve(1)
    room[count] = event
    count += 1
  }

  mutating func append(_ events: Span<Event>) {
    reserve(events.count)
    let start = count
    var free = room.mutableSpan
    for index in events.indices { free[start &+ index] = events[index] }
    count += events.count
  }

  mutating func append(_ loss: Losses.Loss, on cpu: CPU) { losses.append((cpu, loss)) }

  /// The first `count` events of the room are filled.
  mutating func fill(to count: Int) { self.count = min(count, room.count) }

  package mutating func removeAll() {
    count = 0
    losses.removeAll(keepingCapacity: true)
  }

  package var span: Span<Event> {
    @_lifetime(borrow self) get { room.span.extracting(0..<count) }
  }
}
