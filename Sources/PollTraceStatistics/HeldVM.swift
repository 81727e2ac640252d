import PollTrace
import PollTraceCapture

/// A VM that is followed, with what is held open of it until it ends.
final class HeldVM {
  let number: Int
  private(set) var vm: RunningVMs.VM
  /// Readable once the VM's process has ended.
  let process: Descriptor
  private var vcpus: [VCPUFile] = []
  private var vcpuCount: Int?
  private var lack: SourceLack?
  private var directory: String?
  private let debugfs: DebugFS?
  /// Why descriptors must not be held on this kernel.
  private let kernelLack: SourceLack?

  /// When to look again for descriptors that are missing, and how long to wait after that: a VMM opens
  /// them a little after its vCPUs.
  private var next = Timestamp(0)
  private var pause: Nanoseconds = 20_000_000
  private static let longest: Nanoseconds = 8_000_000_000

  init(
    _ number: Int, _ vm: RunningVMs.VM, debugfs: DebugFS?, lack: SourceLack?
  ) throws(SystemError) {
    process = try .process(vm.process)
    self.number = number
    self.vm = vm
    self.debugfs = debugfs
    kernelLack = lack
  }

  /// Takes what changed of the VM: its threads, so perhaps its vCPUs.
  func change(to vm: RunningVMs.VM) {
    self.vm = vm
    next = Timestamp(0)
    pause = 20_000_000
  }

  /// Whether all vCPUs' statistics are held.
  private var isComplete: Bool { vcpuCount.map { $0 > 0 && $0 == vcpus.count } ?? false }

  /// Takes descriptors that are there and not yet held.
  func look(at now: Timestamp) {
    guard now >= next else { return }
    lack = take()
    next = isComplete ? Timestamp(.max) : now + pause
    pause = min(pause + pause, Self.longest)
    if vcpus.isEmpty, let debugfs {
      let names = debugfs.directories(of: vm.process)
      // Several VMs of one process are not told apart there, either.
      directory = names.count == 1 ? names.first : nil
    }
  }

  private func take() -> SourceLack? {
    if let kernelLack { return kernelLack }
    let held: VCPUDescriptors
    do { held = try VCPUDescriptors(of: vm.process.rawValue) } catch {
      return error.isRefused ? .refused : lack
    }
    vcpuCount = held.vcpus
    if held.hasSeveralVMs {
      vcpus = []
      return .severalVMs
    }
    vcpus.removeAll { held.statistics[$0.vcpu] == nil }
    let threads = threads(of: Set(held.statistics.keys))
    for (vcpu, descriptor) in held.statistics.sorted(by: { $0.key < $1.key }) {
      if let known = vcpus.firstIndex(where: { $0.vcpu == vcpu }) {
        guard vcpus[known].thread != threads[vcpu] else { continue }
        vcpus.remove(at: known)
      }
      do throws(VCPUFile.Failure) {
        vcpus.append(try VCPUFile(vcpu, of: process, descriptor, thread: threads[vcpu]))
      } catch {
        switch error {
        case .gone: continue
        case .unreadable(let text): return .unreadable(Untrusted(text))
        case .system(let error):
          if error.isTooMany { return .noMoreFiles }
          return error.isRefused ? .refused : .unreadable(Untrusted(error.text))
        }
      }
    }
    vcpus.sort { $0.vcpu < $1.vcpu }
    if vcpus.isEmpty { return .notHeld }
    return isComplete ? nil : .partlyHeld
  }

  /// Which threads run the vCPUs `ids`, where the threads' names tell of just these.
  ///
  /// QEMU names threads by its own numbers, which are other than KVM's ids where the guest's topology
  /// leaves some out (x86: those are APIC ids).
  private func threads(of ids: Set<UInt32>) -> [UInt32: ThreadID] {
    let named = vm.threads.compactMap { thread in thread.vcpu.map { ($0, thread.thread) } }
    let threads = Dictionary(named) { first, _ in first }
    return Set(threads.keys) == ids ? threads : [:]
  }

  /// What is counted now.
  func counted(at now: Timestamp, _ buffer: VCPUFile.Buffer) -> CountedVM {
    var counted = CountedVM(
      number: number, process: vm.process, name: vm.name, source: .none, time: now,
      vcpuCount: vcpuCount, lack: lack)
    for vcpu in vcpus {
      do throws(VCPUFile.Failure) {
        counted.vcpus.append(
          CountedVCPU(vcpu: vcpu.vcpu, thread: vcpu.thread, counters: try vcpu.counters(in: buffer))
        )
      } catch {
        counted.lack = .unreadable(Untrusted(error.text))
      }
    }
    if let sum = HaltCounters.sum(of: counted.vcpus.map(\.counters)) {
      counted.source = .counters
      counted.counters = sum
    } else if let directory, let sums = debugfs?.counters(directory) {
      counted.source = .debugfs
      counted.counters = sums
    }
    return counted
  }
}
