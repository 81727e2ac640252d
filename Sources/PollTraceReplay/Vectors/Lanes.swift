internal import CReplay
internal import PollTrace

extension PollParameters {
  /// Whether the vectors compute as 32 bits without a sign do: no product reaches 2³¹, and nothing
  /// that is divided 2²⁴.
  var fitsLanes: Bool {
    let exact: UInt32 = 1 << 24
    let signed = UInt32(Int32.max)
    return ceiling < exact && shrink < exact && growStart <= signed && grow <= signed
      && UInt64(grow) * UInt64(ceiling) <= UInt64(Int32.max)
  }
}

extension replay_settings {
  /// `settings`, at most `replay_lanes` of them, which all fit; polling is off in the lanes left.
  init(_ settings: [PollParameters], _ rules: PollRules) {
    self.init()
    for (lane, setting) in settings.enumerated() { set(lane, setting, rules) }
  }

  private mutating func set(_ lane: Int, _ setting: PollParameters, _ rules: PollRules) {
    let isConstant = rules.growth == .fromConstant
    put(&ceiling, lane, Int32(setting.ceiling))
    put(&factor, lane, Int32(setting.grow))
    put(
      &first, lane,
      isConstant
        ? (setting.grow == 0 ? 0 : Int32(PollWindow.firstLength)) : Int32(setting.growStart))
    put(&least, lane, isConstant ? 0 : Int32(setting.growStart))
    put(&most, lane, rules.growIsCut ? Int32(setting.ceiling) : Int32.max)
    put(
      &grows_below, lane,
      !isConstant && setting.grow == 0 ? Int32.min : Int32(setting.ceiling))
    put(&divisor, lane, setting.shrink == 0 ? Float.infinity : Float(setting.shrink))
    put(
      &closes_below, lane, rules.shrinkClosesBelowGrowStart ? Int32(setting.growStart) : 0)
  }
}

/// Writes an element of an array of C, which Swift sees as a tuple.
private func put<Element, Tuple>(_ array: inout Tuple, _ index: Int, _ value: Element) {
  unsafe withUnsafeMutableBytes(of: &array) { bytes in
    unsafe bytes.storeBytes(
      of: value, toByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
  }
}

extension Array {
  /// The elements in order, `count` at a time.
  func groups(of count: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
  }
}
