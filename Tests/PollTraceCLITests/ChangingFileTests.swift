import Fixtures
import Foundation
import Testing

@Suite struct `A trace that changes while it is read` {
  /// A trace of a gigabyte of empty pages, which takes no room on the disk.
  private func long() throws -> TemporaryFile {
    var builder = TraceBuilder()
    builder.buffers[0].emptyCPUs = [0]
    var file = builder.file
    let mark = Array("flyrecord\0".utf8)
    let table = (file.indices.first { file[$0...].starts(with: mark) } ?? 0) + mark.count
    for byte in 0..<8 {
      file[table + 8 + byte] = UInt8(truncatingIfNeeded: (1 << 30) >> (byte * 8))
    }
    let long = try TemporaryFile(Data(file))
    unsafe truncate(long.path, (1 << 30) + 8_192)
    return long
  }

  @Test func `is explained where it was cut short`() throws {
    // When the reader has mapped it and not yet passed the cut is not known: sooner or later.
    for delay in [50_000, 100_000, 20_000, 200_000, 400_000, 10_000] as [UInt32] {
      let file = try long()
      let run = try Run(["report", file.path]) {
        usleep(delay)
        unsafe truncate(file.path, 16_384)
      }
      #expect([1, 2].contains(run.status), "\(run.status) \(run.error)")
      guard run.error.contains("was cut short while it was read") else { continue }
      #expect(run.status == 1)
      #expect(run.error.contains(file.path))
      return
    }
    Issue.record("no run met the cut")
  }

  @Test func `says so where it was written to`() throws {
    // When the reader has opened it and not yet ended is not known: sooner or later.
    for delay in [50_000, 100_000, 20_000, 200_000, 10_000, 5_000] as [UInt32] {
      let file = try long()
      let run = try Run(["report", file.path]) {
        usleep(delay)
        unsafe utimes(file.path, nil)
      }
      guard run.status != 0 else { continue }
      #expect(run.status == 2)
      #expect(run.error.contains("changed while it was read"))
      return
    }
    Issue.record("no run met the change")
  }
}
