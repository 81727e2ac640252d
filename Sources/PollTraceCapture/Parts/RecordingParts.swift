import PollTrace

/// The files that a recording in progress writes, in a directory beside its output: whatever
/// happens, a trace.dat can be made of them.
///
/// Root records into directories of others, where anybody may plant links: the directory belongs to
/// this user alone, is held open, and nothing in it is reached by its path.
struct RecordingParts: Sendable {
  /// Where the trace goes.
  let place: Place
  let folder: Folder
  /// Held as long as somebody records here, or makes a trace of what lies here.
  private let lock: Lock

  /// The lock's file.
  private static let lockName: OSString = "lock"
  /// Kept free on the disk, so that a full disk still takes the head and the last facts.
  private static let reserve = 1 << 20
  private static let reserveName: OSString = "reserve"

  /// The name of the directory of what is recorded to `place`.
  private static func folderName(_ place: Place) -> OSString { place.name + ".parts" }

  /// The directory's path.
  var path: OSString { place.path + ".parts" }
  func path(of name: OSString) -> OSString { OSString(bytes: path.bytes + "/".utf8 + name.bytes) }

  static func name(cpu: Int) -> OSString { "cpu\(cpu)" }

  func size(cpu: Int) -> Int { folder.status(of: Self.name(cpu: cpu))?.size ?? 0 }

  /// The only line of a file, without what ends it.
  func line(_ name: OSString) -> String? {
    (try? folder.bytes(of: name)).map { bytes in
      String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
  }

  /// Bytes before each CPU's events in its part: there the head of the trace goes, if that part
  /// becomes the trace.
  var room: Int { Int(line("room") ?? "") ?? 0 }

  /// Has parts begin with room for a head: a hole, which takes nothing of the disk.
  func keepRoom() throws(SystemError) { try save("room", "\(Self.headRoom)\n") }

  /// A head is some 60 KB, and 100 bytes more a vCPU; a longer one is put before copies.
  private static let headRoom = 256 << 10

  /// Gives the reserve back to the disk.
  func releaseReserve() { folder.remove(Self.reserveName) }

  func save(_ name: OSString, _ text: String) throws(SystemError) {
    try save(name, Array(text.utf8))
  }

  func save(_ name: OSString, _ bytes: [UInt8]) throws(SystemError) {
    try folder.replace(name, with: bytes)
  }

  func remove() {
    for name in (try? folder.names()) ?? [] { folder.remove(OSString(name)) }
    place.folder.removeFolder(Self.folderName(place))
  }
}

extension RecordingParts {
  /// Makes the directory for a recording to `output`.
  ///
  /// - Throws: where something of its name is there; that is left as it is, whoever made it.
  static func create(for output: OSString) throws(CaptureError) -> RecordingParts {
    let place = try place(of: output)
    if let status = place.status, status.kind != .file {
      throw CaptureError(
        "\(output.shown): is not a file",
        remedy: "Name a file to record to with -o, e.g. -o trace.dat")
    }
    if let refusal = place.refusal { throw CaptureError(refusal, output: output) }
    let folder: Folder
    do { folder = try Folder.make(folderName(place), in: place.folder) } catch {
      throw error.isTaken ? unfinished(place) : CaptureError(error, output: output)
    }
    let lock: Lock
    do throws(Lock.Refusal) { lock = try Lock(lockName, in: folder) } catch {
      // Whoever holds the lock has the directory now; otherwise it is ours, and as good as empty.
      if error != .isHeld {
        folder.remove(lockName)
        place.folder.removeFolder(folderName(place))
      }
      throw lockRefusal(error, place)
    }
    let parts = RecordingParts(place: place, folder: folder, lock: lock)
    do throws(SystemError) {
      let file = try folder.open(reserveName, for: .writing)
      try file.reserve(reserve)
    } catch {
      parts.remove()
      throw CaptureError(error, output: output)
    }
    return parts
  }

  /// The parts of a recording to `output` that was cut off.
  ///
  /// - Throws: where there are none, somebody is at work on them, or they are not this user's.
  static func cutOff(of output: OSString) throws(CaptureError) -> RecordingParts {
    let place = try place(of: output)
    let path = (place.path + ".parts").shown
    let folder: Folder
    do { folder = try Folder(own: folderName(place), in: place.folder) } catch {
      guard error.isMissing else {
        throw CaptureError(
          "\(path): is not taken for a recording of ours: \(error.text)",
          remedy: "A recording is recovered by the user who made it, where nobody else may write.")
      }
      throw CaptureError(
        "\(path): no cut-off recording lies there",
        remedy: "Name its output, as it was given to polltrace record, with -o.")
    }
    do throws(Lock.Refusal) {
      return RecordingParts(place: place, folder: folder, lock: try Lock(lockName, in: folder))
    } catch { throw lockRefusal(error, place) }
  }

  private static func place(of output: OSString) throws(CaptureError) -> Place {
    do { return try Place(output) } catch { throw CaptureError(error, output: output) }
  }

  /// The line of a shell that makes a trace of the parts.
  var recovery: String { Self.recovery(place) }
  /// The line of a shell that removes them.
  var removal: String { Self.removal(place) }

  private static func recovery(_ place: Place) -> String {
    "polltrace record --recover -o \(place.path.quoted)"
  }

  private static func removal(_ place: Place) -> String {
    "rm -r \((place.path + ".parts").quoted)"
  }

  /// What to say of a directory that is there already.
  private static func unfinished(_ place: Place) -> CaptureError {
    let path = (place.path + ".parts").shown
    let folder: Folder
    do { folder = try Folder(own: folderName(place), in: place.folder) } catch {
      return CaptureError(
        "\(path): is in the way: \(error.text)", remedy: "Name another file with -o.")
    }
    // Looked for first: a recorder that is just removing its directory would not be able to.
    if folder.has(lockName) {
      do throws(Lock.Refusal) { _ = try Lock(lockName, in: folder) } catch {
        return lockRefusal(error, place)
      }
    }
    return CaptureError(
      "\(path): holds a recording that was cut off",
      remedy: "Make a trace of it (\(recovery(place))), or remove it: \(removal(place))")
  }

  private static func lockRefusal(_ refusal: Lock.Refusal, _ place: Place) -> CaptureError {
    let path = (place.path + ".parts").shown
    switch refusal {
    case .isHeld:
      return CaptureError(
        "\(path): another polltrace is recording there",
        remedy: "Wait until it is done, or name another file with -o.")
    case .failed(let error):
      return CaptureError(
        "\(path)/\(lockName.text): cannot be locked: \(error.text)",
        remedy:
          "Name a file on a disk that has locks with -o; to recover, copy the directory there.")
    }
  }
}
