import ArgumentParser
import Testing

@testable import HaltLoad

@Suite("Options") struct OptionsTests {
  @Test("have the defaults they promise")
  func defaults() throws {
    let options = try Options.parse([])
    #expect(options.vcpus == 1 && options.mean.count == 120_000 && options.seed == 1)
    #expect(options.distribution == .exponential && options.duration.count == 2_000_000_000)
    #expect(options.busy.count == 0 && options.ceiling.isEmpty && !options.pin)
  }

  @Test("take a ceiling of nothing for a ceiling")
  func ceiling() throws {
    #expect(try Options.parse(["--ceiling", "0"]).ceiling.map(\.count) == [0])
  }

  @Test("say which threads stay")
  func staying() throws {
    #expect(try !Options.parse([]).staysPut)
    for flag in ["--pin", "--cross", "--together"] {
      let options = try Options.parse([flag, "--iothread", "10us"])
      #expect(options.staysPut && options.iothread?.count == 10_000)
    }
  }

  @Test(
    "beyond their bounds are refused",
    arguments: [
      ["--vcpus", "0"], ["--vcpus", "65"], ["--mean", "1"], ["--busy", "2s"], ["--duration", "0"],
      ["--ceiling", "5s"], ["--distribution", "uniform"], ["--pin", "--together"],
      ["--iothread", "10us"], ["--iothread", "2s", "--pin"], ["--ceiling", "0", "--block", "1us"],
    ])
  func bounds(_ arguments: [String]) {
    #expect(throws: (any Error).self) { try Options.parse(arguments) }
  }
}
