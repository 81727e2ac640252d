internal import CTrace
import PollTrace

/// A private ftrace instance, removed when it goes away.
@safe struct TraceInstance: ~Copyable {
  private let handle: OpaquePointer
  let name: String
  /// Its directory in tracefs.
  let directory: String
  /// Held on the directory as long as the instance is in use.
  ///
  /// All of a machine's tracefs mounts show the same directories, those of containers too
  /// (`get_tree_single`, linux fs/tracefs/inode.c), so everyone who could remove it sees the lock.
  private let lock: Lock

  /// How often it is tried to lock the directory: another recorder may look whether it is locked, or
  /// even remove it as left behind, before it is.
  private static let attempts = 50

  /// Makes an instance called `name`.
  ///
  /// - Throws: where there is one already.
  init(named name: String) throws(CaptureError) {
    guard let root = TraceFS.directory else { throw .notMounted }
    let path = "\(root)/instances/\(name)"
    let lock = try Self.make(path)
    guard let handle = unsafe tracefs_instance_alloc(root, name) else {
      let error = CaptureError(.last, path, "cannot be used")
      Paths.removeDirectory(path)
      throw error
    }
    unsafe self.handle = handle
    self.lock = lock
    self.name = name
    directory = path
  }

  /// Makes an instance for this process.
  init() throws(CaptureError) { try self.init(named: RecorderID.own.instance) }

  private static func make(_ path: String) throws(CaptureError) -> Lock {
    var isThere = false
    for _ in 1...attempts {
      if !isThere {
        do { try Paths.makeDirectory(path) } catch {
          throw CaptureError(error, path, "cannot be made")
        }
      }
      if let lock = try? Lock(folder: path), Paths.isDirectory(path) { return lock }
      Machine.pause(milliseconds: 10)
      isThere = Paths.isDirectory(path)
    }
    Paths.removeDirectory(path)
    throw CaptureError(
      "\(path): cannot be locked", remedy: "See what this host lacks: polltrace check")
  }

  deinit {
    unsafe tracefs_trace_off(handle)
    // The kernel says EBUSY while a reader's last file is being closed.
    for _ in 0..<50 {
      if unsafe tracefs_instance_destroy(handle) == 0 { break }
      Machine.pause(milliseconds: 10)
    }
    unsafe tracefs_instance_free(handle)
  }

  /// Writes `text` to one of its files.
  func write(_ text: String, to file: String) throws(CaptureError) {
    guard unsafe tracefs_instance_file_write(handle, file, text) >= 0 else {
      throw CaptureError(.last, "\(directory)/\(file)", "does not take \"\(text.prefix(60))\"")
    }
  }

  /// The content of one of its files.
  func text(of file: String) -> String? { Paths.text("\(directory)/\(file)") }

  /// The CPUs that have a buffer.
  var cpus: [Int] {
    let names = (try? Paths.names(in: "\(directory)/per_cpu")) ?? []
    return names.compactMap { $0.hasPrefix("cpu") ? Int($0.dropFirst(3)) : nil }.sorted()
  }

  /// The folder of one CPU's buffer.
  func folder(ofCPU cpu: Int) -> String { "\(directory)/per_cpu/cpu\(cpu)" }

  func has(_ file: String) -> Bool { Paths.exists("\(directory)/\(file)") }

  func enable(_ event: EventName) throws(CaptureError) {
    guard unsafe tracefs_event_enable(handle, event.system, event.name) == 0 else {
      throw CaptureError(.last, "\(directory)/\(event.directory)/enable", "cannot be set")
    }
  }

  func disable(_ event: EventName) throws(CaptureError) {
    guard unsafe tracefs_event_disable(handle, event.system, event.name) == 0 else {
      throw CaptureError(.last, "\(directory)/\(event.directory)/enable", "cannot be cleared")
    }
  }

  func setRecording(_ isOn: Bool) throws(CaptureError) {
    let result = unsafe isOn ? tracefs_trace_on(handle) : tracefs_trace_off(handle)
    guard result >= 0 else {
      throw CaptureError(.last, "\(directory)/tracing_on", "cannot be written")
    }
  }
}

/// The mounted tracefs.
enum TraceFS {
  /// Where it is mounted; nil where it is not (nothing is mounted then).
  static var directory: String? {
    var path: UnsafePointer<CChar>?
    guard unsafe tracefs_tracing_dir_is_mounted(false, &path) > 0, let path = unsafe path else {
      return nil
    }
    return unsafe String(cString: path)
  }

  /// Names of the instances there are.
  static var instances: [String] {
    guard let directory else { return [] }
    return (try? Paths.names(in: "\(directory)/instances")) ?? []
  }

  /// Names of threads that ftrace has kept (`PID NAME` lines).
  static var names: [ThreadID: String] {
    guard let directory, let text = try? Paths.bytes("\(directory)/saved_cmdlines") else {
      return [:]
    }
    // Some hosts keep the names of thousands: bytes take a tenth of what characters do.
    return text.split(separator: UInt8(ascii: "\n")).reduce(into: [:]) { names, line in
      guard let space = line.firstIndex(of: UInt8(ascii: " ")),
        let id = Int32(String(decoding: line[..<space], as: UTF8.self))
      else { return }
      let name = String(decoding: line[(space + 1)...], as: UTF8.self)
      if name != "<...>" { names[ThreadID(id)] = name }
    }
  }

  /// Removes the instance called `name`; false where it is busy.
  fileprivate static func remove(_ name: String) -> Bool {
    guard let directory, let handle = unsafe tracefs_instance_alloc(directory, name) else {
      return false
    }
    defer { unsafe tracefs_instance_free(handle) }
    unsafe tracefs_trace_off(handle)
    return unsafe tracefs_instance_destroy(handle) == 0
  }
}

/// Instances that recorders left behind when they were killed: those of ours that nobody holds.
enum StaleInstances {
  /// Their names, sorted.
  static var names: [String] { held().map(\.name) }

  /// Removes them; gives back the names of those that are gone.
  static func remove() -> [String] {
    held().filter { TraceFS.remove($0.name) }.map(\.name)
  }

  /// Each with its lock, so that no other recorder removes it at the same time, or takes it.
  ///
  /// One that cannot be opened is another user's: it stays.
  private static func held() -> [(name: String, lock: Lock)] {
    guard let directory = TraceFS.directory else { return [] }
    return TraceFS.instances.sorted().compactMap { name in
      guard RecorderID.names(instance: name),
        let lock = try? Lock(folder: "\(directory)/instances/\(name)")
      else { return nil }
      return (name, lock)
    }
  }
}

extension TraceInstance {
  /// Chooses the clock that stamps events.
  func setClock(_ name: String) throws(CaptureError) {
    do { try write(name, to: "trace_clock") } catch {
      let clocks = (text(of: "trace_clock") ?? "").split { " []\n".contains($0) }
      guard !clocks.isEmpty, !clocks.contains(where: { $0 == name }) else { throw error }
      throw CaptureError(
        "\(directory)/trace_clock: this kernel has no clock \(name)",
        remedy: "Choose one of these with --clock: \(clocks.joined(separator: ", "))")
    }
  }

  /// Gives each CPU a buffer of `bytes`; readers are woken when a quarter is full.
  func setBuffers(bytes: Int) throws(CaptureError) {
    try write("\(max(1, bytes >> 10))", to: "buffer_size_kb")
    // Since 5.0; before, readers are woken by every page.
    if has("buffer_percent") { try write("25", to: "buffer_percent") }
    // The young push the old out where the disk is too slow; the kernel counts them either way.
    if has("options/overwrite") { try write("1", to: "options/overwrite") }
  }
}
