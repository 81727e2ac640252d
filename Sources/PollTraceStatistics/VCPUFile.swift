import PollTrace
import PollTraceCapture

/// The open statistics of one vCPU.
final class VCPUFile {
  let vcpu: UInt32
  let thread: ThreadID?
  private let file: Descriptor
  private let halts: HaltStatistics

  /// Why statistics cannot be read.
  enum Failure: Error {
    case system(SystemError)
    /// They are not what the descriptor said, or not as documented.
    case unreadable(String)
    /// The vCPU or its VM has gone.
    case gone

    /// What is wrong, behind "cannot be read".
    var text: String {
      switch self {
      case .system(let error): error.text
      case .unreadable(let text): text
      case .gone: "the vCPU has ended"
      }
    }
  }

  /// Takes a duplicate of descriptor `number` of `process`, which is said to be the statistics of `vcpu`.
  init(_ vcpu: UInt32, of process: Descriptor, _ number: Int32, thread: ThreadID?) throws(Failure) {
    do throws(SystemError) {
      file = try process.descriptor(number)
    } catch {
      throw error.isBadDescriptor ? .gone : .system(error)
    }
    self.vcpu = vcpu
    self.thread = thread
    // The process may have put another file there: what the kernel calls ours decides.
    let link = (try? Paths.link("/proc/self/fd/\(file.number)")) ?? ""
    guard VCPUDescriptors.isStatistics(link, of: vcpu) else { throw .gone }
    let bytes = try Self.begin(of: file)
    do throws(StatisticsLayout.Defect) {
      halts = HaltStatistics(try StatisticsLayout(bytes))
    } catch {
      throw .unreadable(error.text)
    }
    guard halts.isUseful else { throw .unreadable("they do not count polls") }
    _ = try counters(in: Buffer())
  }

  /// Room for values, used again for one vCPU after the other.
  final class Buffer {
    fileprivate var words: [UInt64] = []
  }

  /// What is counted now.
  func counters(in buffer: Buffer) throws(Failure) -> HaltCounters {
    let range = halts.range
    if buffer.words.count != range.count / 8 {
      buffer.words = [UInt64](repeating: 0, count: range.count / 8)
    }
    let count: Int
    do { count = try file.read(into: &buffer.words, from: range.lowerBound) } catch {
      throw .system(error)
    }
    guard count == range.count, let counters = halts.counters(buffer.words) else {
      throw .unreadable("they end before their last value")
    }
    return counters
  }

  /// What describes the statistics: some 4 KiB in 6.18.
  private static func begin(of file: Descriptor) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    do {
      let count = try file.read(into: &bytes, from: 0)
      return Array(bytes[..<count])
    } catch {
      throw .system(error)
    }
  }
}
