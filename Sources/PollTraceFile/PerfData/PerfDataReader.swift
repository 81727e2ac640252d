internal import PollTrace

/// A perf.data of `perf record -e kvm:…`, a file or what `perf record -o -` writes to a pipe.
///
/// All records are read when the file is opened; the events of each CPU wait in order of time.
final class PerfDataReader: TraceReader {
  let description: TraceDescription
  let ledger: Ledger
  let statedLosses: [CPU: UInt64] = [:]
  private let events: [[Event]]
  private let counted: ReadTally

  var begin: Timestamp? { counted.first }

  init(_ file: Bytes, path: String) throws(TraceFileError) {
    var header = try PerfHeader(file, path: path)
    var samples = PerfSamples(isBigEndian: header.isBigEndian)
    if let data = header.tracingData { samples.take(formats: data, path: path) }
    samples.prepare(header)
    let records = PerfRecords(isBigEndian: header.isBigEndian)
    var last = PerfRecords.Kind.finishedRound
    let damage = records.walk(file, header.records) { kind, bytes, position, size in
      last = kind
      switch kind {
      case PerfRecords.Kind.sample:
        samples.add(sample: bytes, position, size)
      case PerfRecords.Kind.lost, PerfRecords.Kind.lostSamples:
        samples.add(loss: bytes, position, size, kind)
      case PerfRecords.Kind.comm:
        samples.add(name: bytes, position, size)
      case PerfRecords.Kind.attribute:
        if let record = bytes.part(position, size) { header.add(attribute: record) }
        samples.prepare(header)
      case PerfRecords.Kind.feature:
        let id = records.order(bytes.load(position + 8, as: UInt64.self))
        if let content = bytes.part(position + 16, size - 16) {
          header.add(feature: Int(clamping: id), content)
        }
      case PerfRecords.Kind.tracingData:
        // The formats follow the record, rounded up to eight bytes.
        let length = Int(records.order(bytes.load(position + 8, as: UInt32.self)))
        if let data = bytes.part(position + size, length) {
          samples.take(formats: data, path: path)
        }
        return (length + 7) & ~7
      default: break
      }
      return 0
    }
    var ledger = header.ledger
    ledger.merge(samples.ledger)
    if let damage { ledger.note(.damaged, 1, "byte \(damage.offset): \(damage.found)") }
    if damage == nil, header.isPipe, last != PerfRecords.Kind.finishedRound {
      ledger.note(.unfinished, 1, "perf ends its rounds; here the last record is of type \(last)")
    }
    guard samples.hasFormats else {
      throw TraceFileError(
        path: path,
        problem: .malformed(
          section: "perf.data", expected: "the formats of kvm's tracepoints",
          found: damage.map { "\($0.found) at byte \($0.offset)" } ?? "none"))
    }
    if !samples.order() {
      ledger.note(.timeRunsBackwards, 1, "samples of one CPU; they were sorted")
    }
    self.ledger = ledger
    events = samples.events
    counted = samples.tally
    let clock = header.attributes.lazy.compactMap(\.clock).first
    var description = TraceDescription(
      path: path, format: "perf.data", clock: Self.clock(clock),
      cpus: header.processors ?? samples.events.count)
    description.kernel = header.kernel
    description.arch = header.arch
    description.hasValidField = samples.hasValidField
    description.hasSchedulerEvents = samples.hasSchedulerEvents
    description.names = samples.names
    description.processes = samples.processes
    self.description = description
  }

  /// The clock with the number of `clock_gettime(2)`; perf's own counts nanoseconds as well.
  private static func clock(_ number: Int32?) -> TraceDescription.Clock {
    let name: String =
      switch number {
      case 0: "real"
      case 1: "mono"
      case 4: "mono_raw"
      case 7: "boot"
      case 11: "tai"
      default: "perf"
      }
    return TraceDescription.Clock(name: name, isTime: true)
  }

  func slices(atMost count: Int) -> [TraceSlice] { [.everything] }

  func read(_ slice: TraceSlice, _ take: (Span<Event>) -> Void) -> ReadTally {
    let isWhole = slice == .everything
    var tally = ReadTally()
    for cpu in events {
      let some = isWhole ? cpu : cpu.filter { $0.time >= slice.from && $0.time < slice.to }
      take(some.span)
      tally.events += UInt64(some.count)
      tally.first = [tally.first, some.first?.time].compactMap(\.self).min()
      tally.last = [tally.last, some.last?.time].compactMap(\.self).max()
    }
    return isWhole ? counted : tally
  }
}
