internal import PollTrace

/// A vCPU or a VM, or several that are alike, with what they poll.
struct Poller {
  var name: String
  /// VMs or vCPUs that the row stands for.
  var count = 1
  var vcpus: Int
  var figures: Figures
  /// The limit of its own that a VM has (KVM_CAP_HALT_POLL), in ns.
  var ownLimit: UInt32?

  /// Time in polls, successful and failed; whoever polls most comes first.
  var pollTime: Nanoseconds {
    figures.kernelCounters.successfulPollTime + figures.kernelCounters.failedPollTime
  }

  /// Whether `other` polls as much, as often in vain, and halts as often, under the same limit.
  private func isLike(_ other: Poller) -> Bool {
    guard ownLimit == other.ownLimit, vcpus == other.vcpus,
      figures.isMissingPolls == other.figures.isMissingPolls,
      let mine = figures.pollTimes, let others = other.figures.pollTimes
    else { return false }
    func isNear(_ one: Double, _ two: Double, _ least: Double) -> Bool {
      abs(one - two) <= max(least, 0.15 * max(one, two))
    }
    return isNear(mine.success + mine.failed, others.success + others.failed, 0.005)
      && isNear(mine.failed, others.failed, 0.005)
      && isNear(figures.haltsPerSecond ?? 0, other.figures.haltsPerSecond ?? 0, 10)
  }

  private mutating func join(_ other: Poller) {
    count += other.count
    vcpus += other.vcpus
    figures.merge(other.figures)
  }

  /// How many groups a VM is compared with.
  private static let near = 32

  private static func mostFirst(_ pollers: [Poller]) -> [Poller] {
    pollers.enumerated().sorted {
      ($1.element.pollTime, $0.offset) < ($0.element.pollTime, $1.offset)
    }.map(\.element)
  }

  /// `pollers`, whoever polls most first; where there are more than `most`, those that are alike are one,
  /// and the last one is of all others.
  static func ranked(_ pollers: [Poller], most: Int) -> [Poller] {
    let ranked = mostFirst(pollers)
    guard ranked.count > most else { return ranked }
    var groups: [(first: Poller, all: Poller)] = []
    for poller in ranked {
      // Who polls alike stands near by.
      if let place = groups.indices.suffix(near).last(where: { groups[$0].first.isLike(poller) }) {
        groups[place].all.join(poller)
      } else {
        groups.append((poller, poller))
      }
    }
    var rows = mostFirst(groups.map(\.all))
    for place in rows.indices where rows[place].count > 1 {
      rows[place].name += " and \(Numbers.grouped(rows[place].count - 1)) alike"
    }
    guard rows.count > most else { return rows }
    var others = rows[most - 1]
    for row in rows[most...] { others.join(row) }
    others.name = "\(Numbers.grouped(others.count)) others"
    if rows[(most - 1)...].contains(where: { $0.ownLimit != others.ownLimit }) {
      others.ownLimit = nil
    }
    rows.replaceSubrange((most - 1)..., with: [others])
    return rows
  }
}

extension Poller {
  /// Each vCPU of a report.
  static func vcpus(of report: Report) -> [Poller] {
    let names = VMNames(report)
    return report.vcpus.map { vcpu in
      Poller(
        name: "\(names.name(of: vcpu)) \(vcpu.identity.label)", vcpus: 1, figures: vcpu.figures,
        ownLimit: names.ownLimit(of: vcpu))
    }
  }

  /// Each VM of a report.
  static func vms(of report: Report) -> [Poller] {
    let names = VMNames(report)
    return report.vcpus.grouped { names.name(of: $0) }.map { vcpus in
      Poller(
        name: names.name(of: vcpus[0]), vcpus: vcpus.count,
        figures: Figures(totalOf: vcpus.map(\.figures)), ownLimit: names.ownLimit(of: vcpus[0]))
    }
  }
}

/// What VMs are called in a table, and the limits of their own that they have.
private struct VMNames {
  private struct Place: Hashable {
    var trace: Int
    var identity: VCPUIdentity
  }
  private let isOneTrace: Bool
  /// Names that several VMs have.
  private let ambiguous: Set<String>
  private let limits: [Place: UInt32]

  init(_ report: Report) {
    isOneTrace = report.traces.count == 1
    let vms = Set(report.vcpus.map { [$0.vmLabel, $0.identity.shortVM] })
    ambiguous = Set(vms.map { $0[1] }.grouped { $0 }.filter { $0.count > 1 }.map { $0[0] })
    limits = report.traces.enumerated().reduce(into: [:]) { limits, trace in
      for vcpu in trace.element.vcpus where vcpu.ceilingSource == .inferred {
        limits[Place(trace: trace.offset, identity: vcpu.identity)] = vcpu.ceiling
      }
    }
  }

  func name(of vcpu: VCPUTotal) -> String {
    guard isOneTrace else { return vcpu.vmLabel }
    let short = vcpu.identity.shortVM
    return ambiguous.contains(short) ? vcpu.identity.vmLabel : short
  }

  func ownLimit(of vcpu: VCPUTotal) -> UInt32? {
    vcpu.traces.last.flatMap { limits[Place(trace: $0, identity: vcpu.identity)] }
  }
}
