import CKVM
import Glibc
import Synchronization

/// A thread with a name, perhaps a CPU of its own; if its work fails, the load is over.
@safe final class Thread: @unchecked Sendable {
  typealias Work = @Sendable () throws(Failure) -> Void

  private let name: String
  private let cpu: Int?
  private let stop: Stop
  private let work: Work
  private let number = Atomic<Int32>(0)
  private let failure = Mutex<Failure?>(nil)
  /// Of the thread that starts and joins this one.
  private var handle: pthread_t?

  init(named name: String, cpu: Int?, stop: Stop, work: @escaping Work) {
    (self.name, self.cpu, self.stop, self.work) = (name, cpu, stop, work)
  }

  /// Its id, once it was joined.
  var tid: Int32 { number.load(ordering: .relaxed) }

  func start() throws(Failure) {
    let box = unsafe Unmanaged.passRetained(self)
    var handle = pthread_t()
    let result = unsafe pthread_create(
      &handle, nil,
      { raw in
        if let raw = unsafe raw {
          unsafe Unmanaged<Thread>.fromOpaque(raw).takeRetainedValue().main()
        }
        return nil
      }, box.toOpaque())
    if result != 0 { unsafe box.release() }
    try checked(-result, "cannot start thread '\(name)'", remedy: "Ask for fewer --vcpus.")
    self.handle = handle
  }

  /// Interrupts what it waits for, if it was started.
  func kick() { if let handle { pthread_kill(handle, Interruption.kick) } }

  /// Waits for the end of its work, if it was started; why it failed, if it did.
  func join() -> Failure? {
    if let handle { pthread_join(handle, nil) }
    handle = nil
    return failure.withLock { $0 }
  }

  private func main() {
    number.store(ckvm_thread_id(), ordering: .relaxed)
    do throws(Failure) {
      try settle()
      try work()
    } catch {
      failure.withLock { $0 = error }
      stop.raise()
    }
  }

  private func settle() throws(Failure) {
    let defect = "This is a defect of haltload: please report it."
    try Interruption.allowKick()
    try unsafe checked(ckvm_thread_name(name), "cannot name thread '\(name)'", remedy: defect)
    try checked(ckvm_thread_precise(), "cannot sharpen thread '\(name)'s timers", remedy: defect)
    guard let cpu else { return }
    try checked(
      ckvm_thread_pin(Int32(cpu)), "cannot keep thread '\(name)' on CPU \(cpu)",
      remedy: "Leave out --pin, or allow haltload that CPU (see taskset, cpuset).")
  }
}
