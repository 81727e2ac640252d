import PollTrace

/// One CPU's ring buffer, read while it is written.
final class LiveBuffer {
  let cpu: CPU
  private let file: File
  /// Whether it can be waited for: a CPU that was never online has no buffer yet.
  private(set) var isThere = false
  /// So many pages are taken at once, that a busy CPU does not keep the others waiting.
  private static let most = 2_048

  init(cpu: Int, of instance: borrowing TraceInstance) throws(CaptureError) {
    self.cpu = CPU(UInt32(cpu))
    let path = "\(instance.folder(ofCPU: cpu))/trace_pipe_raw"
    do { file = try File(path) } catch { throw CaptureError(error, path, "cannot be read") }
  }

  /// The descriptor that is readable when a quarter of the buffer is full.
  var descriptor: Int32 { file.descriptor }

  /// Takes the pages that are there, the one that is being written as far as it is: the kernel makes a
  /// whole page of what it has (`ring_buffer_read_page()`, linux kernel/trace/ring_buffer.c).
  func read() throws(SystemError) -> [UInt8] {
    var pages: [UInt8] = []
    do {
      for _ in 0..<Self.most {
        let page = try file.read(upTo: Machine.pageSize)
        if page.isEmpty { break }
        pages += page
      }
      isThere = true
    } catch {
      // ENODEV, as long as it has no buffer.
      guard error.isNoDevice else { throw error }
      isThere = false
    }
    return pages
  }
}
