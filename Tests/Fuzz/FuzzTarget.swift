import Fixtures
import Glibc

/// What libFuzzer calls first: with POLLTRACE_FUZZ_SEEDS it writes the seeds into that folder.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?) -> CInt {
  guard let folder = unsafe getenv("POLLTRACE_FUZZ_SEEDS") else { return 0 }
  for (name, file) in SmallTraces.all + SmallTraces.otherFormats {
    let stream = unsafe fopen("\(String(cString: folder))/\(name)", "w")
    guard let stream = unsafe stream else { preconditionFailure("\(name) cannot be written") }
    _ = unsafe fwrite(file, 1, file.count, stream)
    unsafe fclose(stream)
  }
  exit(0)
}

/// What libFuzzer calls with each input; one in 64 gets a recommendation as well.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  WholePath.run(input, withAdvice: input.reduce(0, &+) % 64 == 0)
  return 0
}
