import PollTrace

/// The files that a recording in progress writes, in a directory beside its output: whatever
/// happens, a trace.dat can be made of them.
struct RecordingParts: Hashable, Sendable {
  let output: String
  let directory: String

  /// Kept free on the disk, so that a full disk still takes the head and the last facts.
  private static let reserve = 1 << 20

  init(output: String) {
    self.output = output
    directory = output + ".parts"
  }

  func path(_ name: String) -> String { "\(directory)/\(name)" }
  func path(cpu: Int) -> String { path("cpu\(cpu)") }

  /// Bytes before each CPU's events in its part: there the head of the trace goes, if that part
  /// becomes the trace.
  var room: Int { Int(Paths.line(path("room")) ?? "") ?? 0 }

  /// Has parts begin with room for a head: a hole, which takes nothing of the disk.
  func keepRoom() throws(SystemError) { try save("room", "\(Self.headRoom)\n") }

  /// A head is some 60 KB, and 100 bytes more a vCPU; a longer one is put before copies.
  private static let headRoom = 256 << 10

  /// Makes the directory, for this process alone.
  func create() throws(CaptureError) {
    try refuseOutput()
    if Paths.exists(directory) { throw unfinished }
    do {
      try Paths.makeDirectory(directory)
      let own = RecorderID.own
      try save("recorder", "\(own.process) \(own.began) \(Machine.boot)\n")
      let file = try File(path("reserve"), for: .writing)
      try file.reserve(Self.reserve)
    } catch {
      remove()
      throw CaptureError(error, output: output)
    }
  }

  /// Refuses an output that a file cannot take the place of.
  private func refuseOutput() throws(CaptureError) {
    guard Paths.exists(output), !Paths.isRegular(output) else { return }
    throw CaptureError(
      "\(output): is not a file", remedy: "Name a file to record to with -o, e.g. -o trace.dat")
  }

  private var unfinished: CaptureError {
    if let recorder, recorder.isAlive {
      return CaptureError(
        "\(directory): process \(recorder.process) is recording there",
        remedy: "Wait until it is done, or name another file with -o.")
    }
    return CaptureError(
      "\(directory): holds a recording that was cut off",
      remedy: "Make a trace of it (polltrace record --recover -o \(output)), or remove it:"
        + " rm -r \(directory)")
  }

  /// Who records here; nil where that was in another boot.
  private var recorder: RecorderID? {
    let words = (Paths.line(path("recorder")) ?? "").split(separator: " ")
    guard words.count == 3, words[2] == Machine.boot, let process = Int32(words[0]),
      let began = UInt64(words[1])
    else { return nil }
    return RecorderID(process: process, began: began)
  }

  /// Makes sure that a recording that was cut off lies here.
  func requireCutOff() throws(CaptureError) {
    guard Paths.isDirectory(directory) else {
      throw CaptureError(
        "\(directory): no cut-off recording lies there",
        remedy: "Name its output, as it was given to polltrace record, with -o.")
    }
    if let recorder, recorder.isAlive { throw unfinished }
  }

  /// Gives the reserve back to the disk.
  func releaseReserve() { Paths.remove(path("reserve")) }

  func save(_ name: String, _ text: String) throws(SystemError) {
    try save(name, Array(text.utf8))
  }

  func save(_ name: String, _ bytes: [UInt8]) throws(SystemError) {
    try Paths.replace(path(name), with: bytes)
  }

  func remove() {
    for name in (try? Paths.names(in: directory)) ?? [] { Paths.remove(path(name)) }
    Paths.removeDirectory(directory)
  }
}
