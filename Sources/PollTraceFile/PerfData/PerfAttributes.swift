/// All that was recorded at once, and which sample belongs to which.
struct PerfAttributes: Sendable {
  /// That of the first event whose samples carry the event itself: a tracepoint's.
  private(set) var first: PerfAttribute?
  /// The tracepoints of which not each event has a sample, by number, and how that came.
  private(set) var sampled: [UInt64: String] = [:]
  /// The numbers of the tracepoints.
  private(set) var tracepoints: Set<UInt64> = []
  /// The different layouts of samples.
  private(set) var layouts: [PerfSampleLayout] = []
  /// Which layout, by id: small ids, as the kernel gives them, and others.
  private var small: [UInt8] = []
  private var large: [UInt64: UInt8] = [:]
  private static let smallIDs: UInt64 = 1 << 16
  /// Where a sample's id lies; -1 where all samples are alike.
  private(set) var id = -1

  /// Adds an event's attribute with the ids of its samples; false where samples could not be told
  /// apart any more.
  mutating func add(_ attribute: PerfAttribute, ids: [UInt64]) -> Bool {
    let layout = PerfSampleLayout(attribute)
    if first == nil, layout.raw >= 0 { first = attribute }
    if let tracepoint = attribute.tracepoint {
      tracepoints.insert(tracepoint)
      sampled[tracepoint] = sampled[tracepoint] ?? attribute.sampling
    }
    let index: Int
    if let known = layouts.firstIndex(of: layout) {
      index = known
    } else {
      guard layouts.count < 255 else { return false }
      index = layouts.count
      layouts.append(layout)
    }
    for id in ids {
      if id < Self.smallIDs {
        if Int(id) >= small.count {
          small += repeatElement(255, count: Int(id) + 1 - small.count)
        }
        small[Int(id)] = UInt8(index)
      } else {
        large[id] = UInt8(index)
      }
    }
    id = layouts.count > 1 ? layouts[0].id : -1
    return layouts.count == 1 || (id >= 0 && layout.id == id)
  }

  /// Which layout the samples with `id` have; nil where it was not announced.
  @inline(__always)
  func layout(ofID id: UInt64) -> Int? {
    guard id < UInt64(small.count) else { return large[id].map(Int.init) }
    let index = small[Int(id)]
    return index == 255 ? nil : Int(index)
  }
}
