/// From values to places along an axis of a picture.
struct Scale {
  enum Kind { case linear, logarithmic }
  var kind = Kind.linear
  /// The values at both ends, and where they are drawn.
  var values: ClosedRange<Double>
  var places: (from: Double, to: Double)

  /// Where `value` is drawn; what lies outside is drawn at the end.
  func place(_ value: Double) -> Double {
    let share = (move(value) - move(values.lowerBound)) / span
    return places.from + max(0, min(1, share)) * (places.to - places.from)
  }

  private var span: Double { max(1e-12, move(values.upperBound) - move(values.lowerBound)) }
  private func move(_ value: Double) -> Double {
    kind == .linear ? value : Self.log2(max(value, 1e-9))
  }

  /// Round values, about `count` of them.
  func ticks(_ count: Int) -> [Double] {
    kind == .linear ? linearTicks(count) : logarithmicTicks(count)
  }

  private func linearTicks(_ count: Int) -> [Double] {
    let raw = (values.upperBound - values.lowerBound) / Double(max(1, count))
    guard raw > 0, raw.isFinite else { return [] }
    var step = 1.0
    while step > raw { step /= 10 }
    while step * 10 <= raw { step *= 10 }
    for factor in [1.0, 2, 5, 10] where step * factor >= raw {
      step *= factor
      break
    }
    let first = (values.lowerBound / step).rounded(.up)
    let last = (values.upperBound / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 100 else { return [] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  private func logarithmicTicks(_ count: Int) -> [Double] {
    var decade = 1.0
    while decade > values.lowerBound { decade /= 10 }
    while decade * 10 <= values.lowerBound { decade *= 10 }
    var decades: [Double] = []
    while decade <= values.upperBound {
      decades.append(decade)
      decade *= 10
    }
    let within = { (factors: [Double]) in
      decades.flatMap { decade in factors.map { decade * $0 } }.filter { values.contains($0) }
    }
    for factors in [[1.0, 2, 5], [1, 3], [1]] where within(factors).count <= count {
      return within(factors)
    }
    return within([1])
  }

  /// The binary logarithm; the model's modules do without a library of mathematics.
  private static func log2(_ value: Double) -> Double {
    var rest = value.significand
    var sum = Double(value.exponent)
    var bit = 0.5
    while bit > 1e-6 {
      rest *= rest
      if rest >= 2 {
        rest /= 2
        sum += bit
      }
      bit /= 2
    }
    return sum
  }
}

/// How coordinates are written: tenths are as fine as any screen.
enum Place {
  static func text(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let tenths = Int((value * 10).rounded())
    guard tenths % 10 != 0 else { return "\(tenths / 10)" }
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}

/// The outline of a shape of SVG.
struct Outline {
  private(set) var text = ""

  init() {}
  /// Begins at a place.
  init(_ x: Double, _ y: Double) { move(x, y) }

  mutating func move(_ x: Double, _ y: Double) { text += "M\(Place.text(x)) \(Place.text(y))" }
  mutating func line(_ x: Double, _ y: Double) { text += "L\(Place.text(x)) \(Place.text(y))" }
  mutating func across(_ x: Double) { text += "H\(Place.text(x))" }
  mutating func up(_ y: Double) { text += "V\(Place.text(y))" }
  mutating func close() { text += "z" }
  mutating func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
    move(x, y)
    text += "h\(Place.text(width))v\(Place.text(height))h\(Place.text(-width))z"
  }
}
