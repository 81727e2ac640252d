package import PollTrace

/// Pages of ring buffers that are read while they are written, decoded as those of a trace.dat.
///
/// Stamps are times as they stand: the trace clock counts nanoseconds (`mono`).
package final class LivePages: Sendable {
  private let cpus: [CPU]
  private let inboxes: [CPU: PageInbox]
  private let pageSize: Int
  private let layout: PageLayout
  private let layouts: RecordLayouts
  /// What is wrong with the kernel's descriptions.
  package let ledger: Ledger
  private static var isBigEndian: Bool { 1.bigEndian == 1 }

  /// Pages of `pageSize` bytes from the buffers of `cpus`; `headerPage` is tracefs's `events/header_page`,
  /// `formats` are the texts of the events' formats with their systems.
  package init(
    cpus: [CPU], pageSize: Int, headerPage: [UInt8], formats: [(system: String, text: [UInt8])]
  ) {
    self.cpus = cpus.sorted()
    self.pageSize = pageSize
    inboxes = Dictionary(uniqueKeysWithValues: cpus.map { ($0, PageInbox()) })
    var ledger = Ledger()
    if let layout = PageLayout(text: Bytes(headerPage).text) {
      self.layout = layout
    } else {
      layout = PageLayout()
      ledger.note(.damaged, 1, "header_page: expected the parts of a page, found others")
    }
    var known = EventLayouts()
    for (system, text) in formats { known.add(Bytes(text).text, system: system) }
    let described = DescribedEvents(formats.map { ($0.system, Bytes($0.text)) }, known)
    layouts = RecordLayouts(known, described, isBigEndian: Self.isBigEndian)
    ledger.merge(described.ledger)
    ledger.merge(known.ledger)
    self.ledger = ledger
  }

  /// Takes whole pages of `cpu`, which follow those before.
  package func add(_ pages: [UInt8], of cpu: CPU) {
    inboxes[cpu]?.add(self.pages(Bytes(pages), of: cpu))
  }

  private func pages(_ bytes: Bytes, of cpu: CPU) -> CPUPages {
    CPUPages(
      cpu: cpu, offset: 0, bytes: bytes, pageSize: pageSize, layout: layout,
      isBigEndian: Self.isBigEndian)
  }

  /// How many sources of events there are: one a CPU.
  package var sourceCount: Int { cpus.count }

  /// The events of source `number`; more come as pages are added.
  package func source(_ number: Int) -> sending any EventSource {
    let cpu = cpus[number]
    return EventCursor(
      pages(Bytes([]), of: cpu), ClockConversion(), layouts, inbox: inboxes[cpu])
  }
}
