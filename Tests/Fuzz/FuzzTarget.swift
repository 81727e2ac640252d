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

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  WholePath.run(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// What libFuzzer calls to change an input of `count` bytes in place: half of the time numbers, else
/// anything.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
  _ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: CUnsignedInt
) -> Int {
  guard seed.isMultiple(of: 2) else { return unsafe mutateAnyhow(start, count, most) }
  var mutator = Mutator(seed: UInt64(seed))
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let output = mutator.renumbered(input).prefix(most)
  for (place, byte) in output.enumerated() { unsafe start[place] = byte }
  return output.count
}

@_silgen_name("LLVMFuzzerMutate")
private func mutateAnyhow(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int) -> Int
