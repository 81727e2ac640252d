import CLinux
import PollTraceCapture

/// Says that a process is at work on the parameters, as long as it is held: the kernel takes it away with the
/// process, and names it.
///
/// fcntl(2)'s locks, since the kernel tells who holds one: a process that is stopped in the middle can be
/// ended. One at a time for each file in a process.
package final class StateLock {
  private let file: File

  /// Why it is not had.
  enum Refusal: Error, Hashable {
    /// The process that has it; 0 where that is not known.
    case held(by: Int32)
    case failed(SystemError)
  }

  /// Locks the file `name` of `folder`, and waits for at most `patience` ms for it.
  init(_ folder: Folder, _ name: String, patience: Int) throws(Refusal) {
    let file = try Self.open(folder, name)
    let descriptor = file.descriptor
    self.file = file
    for tried in 0... {
      if linux_lock(descriptor) == 0 { return }
      if tried * Self.step >= patience {
        throw .held(by: max(0, linux_lock_holder(descriptor)))
      }
      Machine.pause(milliseconds: UInt32(Self.step))
    }
  }

  /// In ms.
  private static let step = 20

  private static func open(_ folder: Folder, _ name: String) throws(Refusal) -> File {
    do throws(SystemError) {
      return try folder.open("\(name)", for: .updating)
    } catch { throw .failed(error) }
  }

  /// The process that holds the lock `name` of `folder`, and is not this one; nil where none does.
  static func holder(_ folder: Folder, _ name: String) -> Int32? {
    guard folder.has("\(name)"), let file = try? open(folder, name) else { return nil }
    let holder = linux_lock_holder(file.descriptor)
    return holder == 0 ? nil : holder
  }

  /// Kills the process that holds it and waits for its end; false where that did not come about.
  static func endHolder(_ folder: Folder, _ name: String) -> Bool {
    guard let file = try? open(folder, name) else { return false }
    return linux_end_lock_holder(file.descriptor, 2_000) == 0
  }
}
