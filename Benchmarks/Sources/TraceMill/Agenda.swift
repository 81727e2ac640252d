/// When each of some vCPUs does something next: a binary heap by time, in ns.
struct Agenda {
  private var times: [UInt64]
  /// vCPUs: none comes before the one at half its place.
  private var heap: [Int]
  /// Where each vCPU is in the heap.
  private var places: [Int]

  init(_ times: [UInt64]) {
    self.times = times
    heap = Array(times.indices)
    places = heap
    for place in heap.indices.reversed() { sink(place) }
  }

  /// Who comes first, and when.
  var first: (vcpu: Int, time: UInt64) { (heap[0], times[heap[0]]) }

  subscript(vcpu: Int) -> UInt64 {
    get { times[vcpu] }
    set {
      let isLater = newValue > times[vcpu]
      times[vcpu] = newValue
      if isLater { sink(places[vcpu]) } else { rise(places[vcpu]) }
    }
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { return }
      if child + 1 < heap.count, times[heap[child + 1]] < times[heap[child]] { child += 1 }
      guard times[heap[child]] < times[heap[place]] else { return }
      swap(child, place)
      place = child
    }
  }

  private mutating func rise(_ start: Int) {
    var place = start
    while place > 0, times[heap[place]] < times[heap[(place - 1) / 2]] {
      swap(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func swap(_ one: Int, _ other: Int) {
    heap.swapAt(one, other)
    places[heap[one]] = one
    places[heap[other]] = other
  }
}
