internal import PollTrace

/// Who polls, as a table: vCPUs of a small host, VMs of a large one.
struct WhoPolls {
  let report: Report
  let style: Bars.Style
  /// Whether each vCPU is shown.
  let showsAll: Bool

  private static let most = 10

  var lines: [String] {
    guard !report.vcpus.isEmpty else { return [] }
    let rows = rows
    var columns = [Column]()
    if rows.contains(where: { $0.vcpus > 1 }) { columns += [.vcpus, .cpus] }
    columns += [.polling, .failed, .caught]
    if rows.contains(where: { $0.ownLimit != nil }) { columns.append(.ownLimit) }
    columns.append(.median)
    var lines = table(rows, columns)
    while lines.contains(where: { $0.columns > style.width }), columns.count > 2 {
      columns.removeLast()
      lines = table(rows, columns)
    }
    // The title stands over the names.
    lines[0] = style.heading(Self.title) + lines[0].dropFirst(Self.title.count)
    if rows.contains(where: \.isMarked) {
      lines += Paragraph.lines(
        "  \(LossMark.sign) ", "at least: events are missing, or windows not known.", indent: 4,
        width: style.width)
    }
    if rows.contains(where: { $0.count > 1 }) { lines.append("  (--all shows each vCPU)") }
    return lines
  }

  private static let title = "WHO POLLS"

  private var rows: [Poller] {
    let vcpus = Poller.vcpus(of: report)
    if showsAll { return Poller.ranked(vcpus, most: .max) }
    if vcpus.count <= Self.most { return Poller.ranked(vcpus, most: Self.most) }
    let vms = Poller.vms(of: report)
    return Poller.ranked(vms.count > 1 ? vms : vcpus, most: Self.most)
  }

  private enum Column: String {
    case vcpus = "vCPUs"
    case cpus = "CPUs"
    case polling = "polling"
    case failed = "failed"
    case caught = "caught a wake-up"
    case ownLimit = "own limit"
    case median = "half of halts under"
  }

  private func table(_ rows: [Poller], _ columns: [Column]) -> [String] {
    let room = max(12, style.width / 3)
    let names = rows.map {
      $0.name.clipped(to: room) + ($0.isMarked ? " \(LossMark.sign)" : "")
    }
    // As wide as the title that stands over it.
    let first = String(repeating: " ", count: Self.title.count - 2)
    return Table(
      [first] + columns.map(\.rawValue),
      zip(names, rows).map { name, row in [name] + columns.map { cell(row, $0) } }
    ).lines()
  }

  private func cell(_ row: Poller, _ column: Column) -> String {
    let counters = row.figures.kernelCounters
    return switch column {
    case .vcpus: "\(row.vcpus)"
    case .cpus:
      row.figures.pollTimes.shown {
        Numbers.fixed(($0.success + $0.failed) * Double(row.vcpus), 2)
      }
    case .polling: row.figures.pollTimes.shown { Numbers.percent($0.success + $0.failed) }
    case .failed: row.figures.pollTimes.shown { Numbers.percent($0.failed) }
    case .caught:
      row.figures.pollTimes == nil
        ? Numbers.unknown
        : "\(Numbers.grouped(counters.successfulPolls)) of \(Numbers.grouped(counters.attemptedPolls))"
    case .ownLimit: row.ownLimit.shown(Numbers.exactTime)
    case .median: row.figures.measures.block.quantile(0.5).shown { Numbers.time($0) }
    }
  }
}

extension Poller {
  fileprivate var isMarked: Bool { figures.pollTimes != nil && figures.isMissingPolls }
}

extension Figures {
  /// The shares of a CPU in successful and in failed polls, per vCPU, as far as they are known; nil where
  /// nothing is.
  var pollTimes: (success: Double, failed: Double)? {
    guard wakeupsAreRecorded, decisionsAreRecorded, measures.halts > 0,
      let success = share(kernelCounters.successfulPollTime),
      let failed = share(kernelCounters.failedPollTime)
    else { return nil }
    return (success, failed)
  }

  /// Whether more polling may have been than is known.
  var isMissingPolls: Bool {
    gaps > 0 || Double(unknownWindows) > 0.01 * Double(measures.halts)
  }
}

extension VCPUIdentity {
  /// The VM in a word: its name, or its process.
  var shortVM: String {
    vm?.terminal ?? process.map { "pid \($0.rawValue)" } ?? "unknown VM"
  }
}

extension Report {
  /// The time of the one trace there is, in ns; of several nobody knows how they lie.
  var wallTime: Double? {
    guard traces.count == 1, let time = traces[0].vcpus.first?.figures.time, time > .zero else {
      return nil
    }
    return Double(time.rawValue)
  }
}
