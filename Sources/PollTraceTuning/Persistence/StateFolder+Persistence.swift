import PollTrace
import PollTraceCapture

/// Files that set a confirmed change at each boot.
extension StateFolder {
  /// Has the confirmed change `record` set at each boot.
  ///
  /// First it is written down where it outlasts restarts, with what the file had.
  ///
  /// - Throws: where that cannot be done. The values hold until the next restart all the same.
  func persist(_ record: ChangeRecord) throws(TuningError) {
    var record = record
    let target = Target(record.target, root: root)
    do throws(TuningError) {
      let file = try BootSetting(target: target, setting: try target.current()).file()
      record.persisted = [file]
      try Self.lasting(root: root).store(Self.confirmed(record.target), record)
      try write(file.text, to: file.path)
      try store(Self.confirmed(record.target), record)
      SystemLog.note("set at each boot by \(OSString(file.path).shown)")
    } catch {
      throw .failed(
        "confirmed, but not set at the next boot: \(error.words)",
        [error.remedy, "Then confirm once more."].compactMap(\.self).joined(separator: " "))
    }
  }

  /// Takes back what sets `record` at each boot.
  ///
  /// - Returns: sentences on files that somebody has changed since, which are left as they are.
  /// - Throws: where a file cannot be written.
  func unpersist(_ record: ChangeRecord) throws(TuningError) -> [String] {
    var left: [String] = []
    for file in record.persisted {
      let now = Paths.text(root + file.path)
      if now == file.text {
        try write(file.before, to: file.path)
      } else if now != file.before {
        left.append("\(OSString(file.path).shown) left alone: somebody else has changed it")
      }
    }
    return left
  }

  /// Puts `text` into the file `path` of this root; nil removes it.
  private func write(_ text: String?, to path: String) throws(TuningError) {
    let parts = path.split(separator: "/")
    let parent = "\(root)/" + parts.dropLast().joined(separator: "/")
    let name = OSString(String(parts.last ?? ""))
    do throws(SystemError) {
      if !Paths.exists(parent) { try Paths.makeDirectory(parent) }
      let folder = try Folder(OSString(parent))
      if let text {
        try folder.store(name, Array(text.utf8))
      } else {
        folder.remove(name)
        try folder.keep()
      }
    } catch {
      throw .failed("\(OSString(path).shown): cannot be written: \(error.text)", nil)
    }
  }
}
