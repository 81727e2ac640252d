import PollTrace

extension RecordingParts {
  /// The names of the files that a head is made of.
  private enum Name {
    static let page: OSString = "header_page"
    static let event: OSString = "header_event"
    static let clock: OSString = "trace_clock"
    static let names: OSString = "cmdlines"
    static let facts: OSString = "facts"
    static let format = "format"
  }

  /// Copies what tells how to read an instance's events; it does not change any more.
  func saveFormats(
    of instance: borrowing TraceInstance, _ events: [EventName]
  ) throws(CaptureError) {
    var sources = [(Name.clock, "\(instance.directory)/trace_clock")]
    for name in [Name.page, Name.event] {
      sources.append((name, "\(TraceFS.directory ?? "")/events/\(name.text)"))
    }
    for event in events {
      let name: OSString = "\(Name.format).\(event.system).\(event.name)"
      sources.append((name, "\(instance.directory)/\(event.directory)/format"))
    }
    for (name, source) in sources {
      let bytes: [UInt8]
      do { bytes = try Paths.bytes(source) } catch {
        throw CaptureError(error, source, "cannot be read")
      }
      do { try save(name, bytes) } catch { throw CaptureError(error, output: path(of: name)) }
    }
  }

  /// Saves what is known by now.
  func save(_ facts: RecordedFacts) throws(SystemError) {
    try folder.update(Name.facts, with: Array(facts.text.utf8))
  }

  /// Saves the threads' names known by now.
  func save(_ names: [ThreadID: String]) throws(SystemError) {
    let lines = names.sorted { $0.key < $1.key }.map { "\($0.key.rawValue) \($0.value)\n" }
    try save(Name.names, lines.joined())
  }

  func saveStatistics(_ text: String, cpu: Int) throws(SystemError) {
    try save("cpu\(cpu).stats", text)
  }

  /// Notes that the last events of each CPU never came here, unless the recording came to its end
  /// and only the trace could not be made of it: then what the kernel counted was saved.
  func noteCutOff() throws(CaptureError) {
    guard !cpus.allSatisfy({ folder.has("cpu\($0).stats") }) else { return }
    let facts = String(decoding: try content(Name.facts), as: UTF8.self)
    guard !facts.hasSuffix("\(RecordedFacts.cutOff)\n") else { return }
    do { try save(Name.facts, facts + "\(RecordedFacts.cutOff)\n") } catch {
      throw CaptureError(error, output: path(of: Name.facts))
    }
  }

  /// The head of the trace, of what lies here.
  func head() throws(CaptureError) -> TraceDatHead {
    var head = TraceDatHead(pageSize: Machine.pageSize)
    head.headerPage = try content(Name.page)
    head.headerEvent = try content(Name.event)
    head.clock = try content(Name.clock)
    head.names = (try? content(Name.names)) ?? []
    head.formats = try formats()
    let host = Machine.name
    head.host = "\(host.system) \(host.host) \(host.release) \(host.machine)"
    head.facts = String(decoding: try content(Name.facts), as: UTF8.self)
    head.statistics = cpus.map { try? content("cpu\($0).stats") }
    return head
  }

  /// The CPUs from 0 to the last one that has a file.
  private var cpus: Range<Int> {
    let numbers = names.compactMap { $0.hasPrefix("cpu") ? Int($0.dropFirst(3)) : nil }
    return 0..<((numbers.max() ?? -1) + 1)
  }

  private var names: [String] { (try? folder.names()) ?? [] }

  private func formats() throws(CaptureError) -> [TraceDatHead.Format] {
    var formats: [TraceDatHead.Format] = []
    for name in names.sorted() {
      let parts = name.split(separator: ".").map(String.init)
      guard parts.count == 3, parts[0] == Name.format else { continue }
      let event = EventName(system: parts[1], name: parts[2])
      formats.append(TraceDatHead.Format(event: event, text: try content(OSString(name))))
    }
    return formats
  }

  private func content(_ name: OSString) throws(CaptureError) -> [UInt8] {
    do { return try folder.bytes(of: name) } catch {
      throw CaptureError(
        "\(path(of: name).shown): cannot be read: \(error.text)",
        remedy: "Without it no trace can be made of what lies there: \(removal)")
    }
  }
}
