/// What a file of KVM's binary statistics says of itself: where each statistic lies and what it is.
///
/// linux include/uapi/linux/kvm.h `struct kvm_stats_header`, `struct kvm_stats_desc`; described in
/// Documentation/virt/kvm/api.rst, KVM_GET_STATS_FD (5.14 and newer).
struct StatisticsLayout: Hashable, Sendable {
  /// One statistic.
  struct Statistic: Hashable, Sendable {
    var name: String
    var kind: Kind
    var unit: Unit
    /// Values count units of `base` to the power of this.
    var exponent: Int16
    var base: Base
    /// Where its values lie in the file, 8 bytes each.
    var offset: Int
    /// How many values it has.
    var size: Int
  }

  /// What the values are; numbers are those of the kernel's flags.
  enum Kind: Hashable, Sendable {
    case cumulative, instant, peak
    /// Buckets of this width in units of the statistic.
    case linearHistogram(width: UInt32)
    /// Bucket 0 holds 0, bucket n holds 2ⁿ⁻¹..<2ⁿ, the last one all from there on.
    case logHistogram
  }
  enum Unit: UInt32, Hashable, Sendable { case none, bytes, seconds, cycles, boolean }
  enum Base: UInt32, Hashable, Sendable { case ten, two }

  /// In the order of the file; those of kinds, units or bases that came later are left out.
  private(set) var statistics: [Statistic] = []

  /// Why a file is not as documented.
  struct Defect: Error, Hashable {
    var text: String
  }

  private static let headerSize = 24
  private static let descriptorSize = 16
  /// No kernel has a tenth of this: 47 statistics of 48 letters in 6.18.
  private static let mostDescriptors = 4_096
  private static let longestName = 1_024
  /// Where a value may lie at most: all of them take 1,120 bytes in 6.18.
  private static let farthest = 1 << 20

  /// Reads header and descriptors from `bytes`, the begin of the file or all of it.
  ///
  /// - Throws: `Defect` where lengths or places are not possible, or lie beyond `bytes`.
  init(_ bytes: [UInt8]) throws(Defect) {
    func word(_ offset: Int) throws(Defect) -> Int {
      guard let word = Word.read(UInt32.self, bytes, at: offset) else {
        throw Defect(text: "it ends at byte \(bytes.count), inside what describes it")
      }
      return Int(word)
    }
    let (name, count) = (try word(4), try word(8))
    let (descriptors, data) = (try word(16), try word(20))
    guard (1...Self.longestName).contains(name), count <= Self.mostDescriptors,
      descriptors >= Self.headerSize, data <= Self.farthest
    else {
      throw Defect(
        text: "\(count) statistics with names of \(name) bytes, at \(descriptors) and \(data)")
    }
    for index in 0..<count {
      let place = descriptors + index * (Self.descriptorSize + name)
      let end = place + Self.descriptorSize + name
      guard end <= bytes.count else {
        throw Defect(text: "it ends at byte \(bytes.count), inside what describes it")
      }
      let (sizes, offset) = (try word(place + 4), try word(place + 8))
      let size = sizes >> 16 & 0xffff
      guard offset <= Self.farthest, offset.isMultiple(of: 8) else {
        throw Defect(text: "statistic \(index) lies at \(offset)")
      }
      let letters = bytes[(place + Self.descriptorSize)..<end].prefix { $0 != 0 }
      guard let flags = Flags(UInt32(try word(place)), width: UInt32(try word(place + 12))) else {
        continue
      }
      statistics.append(
        Statistic(
          name: String(decoding: letters, as: UTF8.self), kind: flags.kind, unit: flags.unit,
          exponent: Int16(truncatingIfNeeded: sizes), base: flags.base, offset: data + offset,
          size: size))
    }
  }

  /// The first statistic called `name`.
  func statistic(_ name: String) -> Statistic? { statistics.first { $0.name == name } }

  /// A descriptor's flags: four bits of kind, four of unit, four of base.
  private struct Flags {
    var kind: Kind
    var unit: Unit
    var base: Base

    init?(_ flags: UInt32, width: UInt32) {
      guard let unit = Unit(rawValue: flags >> 4 & 0xf), let base = Base(rawValue: flags >> 8 & 0xf)
      else { return nil }
      switch flags & 0xf {
      case 0: kind = .cumulative
      case 1: kind = .instant
      case 2: kind = .peak
      case 3: kind = .linearHistogram(width: width)
      case 4: kind = .logHistogram
      default: return nil
      }
      self.unit = unit
      self.base = base
    }
  }
}
