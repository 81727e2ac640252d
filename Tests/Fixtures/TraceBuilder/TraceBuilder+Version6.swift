extension TraceBuilder {
  /// trace-cmd Documentation/trace-cmd/trace-cmd.dat.v6.5.txt.
  func version6() -> [UInt8] {
    var out = head()
    out.add(headers())
    out.add(ftraceFormats())
    out.add(eventFormats())
    out.add(UInt32(0))
    out.add(UInt32(0))
    out.add(cmdlines())
    let tables = buffers.map(pages)
    let cpus = (tables.flatMap { $0.map(\.cpu) }.max() ?? 0) + 1
    out.add(headerCPUs ?? UInt32(cpus))
    out.add(text: "options  ")
    for (id, content) in options { add(id, content, to: &out) }
    if clockIsBehindTable {
      add(4, [], to: &out)
    } else {
      add(4, Array(clocks(clock).utf8) + [0], to: &out)
    }
    add(5, Array("Linux host \(kernel) x86_64".utf8) + [0], to: &out)
    if headerCPUs != nil {
      var count = ByteWriter(isBigEndian: isBigEndian)
      count.add(UInt32(cpus))
      add(8, count.bytes, to: &out)
    }
    var places: [Int] = []
    for buffer in buffers.dropFirst() {
      places.append(out.count + 6)
      var content = ByteWriter(isBigEndian: isBigEndian)
      content.add(UInt64(0))
      content.add(text: buffer.name)
      add(3, content.bytes, to: &out)
    }
    out.add(UInt16(0))
    var tablePlaces: [Int] = []
    addTable(cpus: cpus, to: &out, &tablePlaces)
    if headerCPUs != nil { out.add([UInt8](repeating: 0, count: 16)) }
    if clockIsBehindTable { out.add(sized: Array(clocks(clock).utf8)) }
    for place in places {
      out.put(UInt64(out.count), at: place)
      out.add(text: "options  ")
      out.add(UInt16(0))
      addTable(cpus: cpus, to: &out, &tablePlaces)
    }
    for (table, place) in zip(tables, tablePlaces) {
      for (cpu, pages) in table {
        out.pad(to: pageSize)
        out.put(UInt64(out.count), at: place + Int(cpu) * 16)
        out.put(UInt64(pages.count), at: place + Int(cpu) * 16 + 8)
        out.add(pages)
      }
    }
    return out.bytes
  }

  private func addTable(cpus: UInt32, to out: inout ByteWriter, _ places: inout [Int]) {
    out.add(text: "flyrecord")
    places.append(out.count)
    out.add([UInt8](repeating: 0, count: Int(cpus) * 16))
  }

  func add(_ id: UInt16, _ content: [UInt8], to out: inout ByteWriter) {
    out.add(id)
    out.add(UInt32(content.count))
    out.add(content)
  }
}
