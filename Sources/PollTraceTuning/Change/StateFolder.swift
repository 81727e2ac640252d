import PollTrace
import PollTraceCapture

/// Where changes are written down: /run/polltrace, which is gone after a restart, as the changes are.
///
/// `change.json` is the open change; `confirmed-TARGET.json` the last confirmed one, which `revert` takes back
/// (in /var/lib/polltrace where it is set at each boot); `ended.json` how the last one ended.
package struct StateFolder: Sendable {
  static let change = "change.json"
  static let ended = "ended.json"
  static let lock = "lock"
  static let guardLock = "guard.lock"
  static func confirmed(_ target: Target.Name) -> String { "confirmed-\(target.rawValue).json" }

  package let root: String
  let folder: Folder
  let path: String

  /// Opens it, and makes it where it is missing.
  ///
  /// `root` is a folder that stands for `/`.
  package init(root: String = "") throws(TuningError) { try self.init("run", root: root) }

  /// The one that outlasts restarts.
  static func lasting(root: String) throws(TuningError) -> StateFolder {
    try StateFolder("var/lib", root: root)
  }

  private init(_ parent: String, root: String) throws(TuningError) {
    self.root = root
    path = "\(root)/\(parent)/polltrace"
    do throws(SystemError) {
      let parent = try Self.folder(parent, root: root)
      let isThere = parent.has("polltrace")
      folder =
        isThere
        ? try Folder(own: "polltrace", in: parent)
        : try Folder.make("polltrace", in: parent)
    } catch {
      throw .failed(
        "\(path): the change cannot be written down there: \(error.text)",
        error.isRefused ? "Only root may." : nil)
    }
  }

  /// The folder `path` below `root`; below one that stands for `/` it is made.
  private static func folder(_ path: String, root: String) throws(SystemError) -> Folder {
    if root.isEmpty { return try Folder("/\(path)") }
    var folder = try Folder(OSString(root))
    for part in path.split(separator: "/").map({ OSString($0) }) {
      folder = folder.has(part) ? try Folder(part, from: folder) : try .make(part, in: folder)
    }
    return folder
  }

  /// Keeps every other command from working on the parameters until what it gives goes away.
  ///
  /// - Throws: where another is at work for longer than `patience` ms.
  package func locked(patience: Int = 3_000) throws(TuningError) -> StateLock {
    do throws(StateLock.Refusal) {
      return try StateLock(folder, Self.lock, patience: patience)
    } catch {
      switch error {
      case .held(let process):
        throw .busy(
          "another polltrace is at work on the parameters (process \(process))", "Try again.")
      case .failed(let error):
        throw .failed("\(path)/\(Self.lock): \(error.text)", nil)
      }
    }
  }

  /// The open change; nil where none is.
  ///
  /// - Throws: where there is one that cannot be read.
  package func open() throws(TuningError) -> ChangeRecord? { try read(Self.change) }

  /// The last confirmed change of `target` that still holds.
  func confirmed(_ target: Target.Name) throws(TuningError) -> ChangeRecord? {
    try read(Self.confirmed(target))
  }

  /// How the last change ended; nil where that is not known.
  package var ended: Ending? { try? read(Self.ended) }

  private func read<Record: Decodable>(_ name: String) throws(TuningError) -> Record? {
    guard folder.has("\(name)") else { return nil }
    let record: Record?
    do throws(SystemError) {
      record = Records.read(try folder.bytes(of: "\(name)"), as: Record.self)
    } catch {
      if error.isMissing { return nil }
      throw .failed("\(path)/\(name): cannot be read: \(error.text)", nil)
    }
    guard let record else {
      throw .failed(
        "\(path)/\(name): is damaged, or of another version of polltrace",
        "It says what was set and what was there before. Put that right by hand, and remove it.")
    }
    return record
  }

  /// Writes a record down, and returns when it is on the disk.
  func store(_ name: String, _ record: some Encodable) throws(TuningError) {
    let bytes = try Records.bytes(record)
    do throws(SystemError) {
      try folder.store("\(name)", bytes)
    } catch {
      throw .failed("\(path)/\(name): cannot be written: \(error.text)", "Make room there.")
    }
  }

  /// Removes a record, which needs no room.
  func remove(_ name: String) {
    folder.remove("\(name)")
    try? folder.keep()
  }

  /// Calls the record `old` `new`, which needs no room.
  func rename(_ old: String, to new: String) throws(TuningError) {
    do throws(SystemError) {
      try folder.rename("\(old)", to: "\(new)")
    } catch { throw .failed("\(path)/\(new): cannot be written: \(error.text)", nil) }
  }

  /// Whether a guard process is at work, and which.
  package var guardProcess: Int32? { StateLock.holder(folder, Self.guardLock) }
}
