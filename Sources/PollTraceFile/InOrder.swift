/// Takes parts as they come and gives them on in order.
struct InOrder<Part> {
  private var waiting: [Int: Part] = [:]
  private var next = 0

  /// Takes part `number` in, and gives those to `take` whose turn it is.
  mutating func add(_ part: Part, _ number: Int, _ take: (Part) -> Void) {
    waiting[number] = part
    while let part = waiting.removeValue(forKey: next) {
      take(part)
      next += 1
    }
  }
}
