import PollTrace

/// The readers of all CPUs, stopped when they go away.
final class CPUReaders {
  let readers: [CPUReader]
  private let stop: StopSignal
  private var threads: [SystemThread] = []

  /// Starts a reader for each CPU of the instance.
  init(of instance: borrowing TraceInstance, to parts: RecordingParts) throws(CaptureError) {
    var readers: [CPUReader] = []
    for cpu in instance.cpus {
      readers.append(try CPUReader(cpu: cpu, of: instance, to: parts))
    }
    self.readers = readers
    do { stop = try StopSignal() } catch { throw Self.refusal(error) }
    do throws(SystemError) {
      for reader in readers {
        threads.append(try SystemThread { [stop] in reader.run(until: stop) })
      }
    } catch {
      finish()
      throw Self.refusal(error)
    }
  }

  deinit { finish() }

  /// Stops them all and waits until what there was is on disk.
  func finish() {
    stop.raise()
    for thread in threads { thread.join() }
    threads = []
  }

  /// Bytes on disk by now.
  var bytes: Int { readers.reduce(0) { $0 + $1.bytes } }
  /// The first refusal any of them met.
  var error: SystemError? { readers.lazy.compactMap(\.error).first }

  private static func refusal(_ error: SystemError) -> CaptureError {
    CaptureError(
      "A thread for each CPU cannot be started: \(error.text)",
      remedy: "Raise the limits of processes and open files (ulimit -u, ulimit -n).")
  }
}
