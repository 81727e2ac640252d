import ArgumentParser
import Glibc
import Testing

@testable import HaltLoad

@Suite("The guest") struct GuestTests {
  @Test("has room for its program before its vCPUs' pages")
  func room() {
    let answer = Guest.answer(computes: true, rings: true)
    #expect(Guest.interruptTable.offset + 4 <= Guest.entry)
    #expect(Guest.entry + Guest.loop.count <= Guest.handler)
    #expect(Guest.handler + answer.count <= Guest.page(of: 0))
    #expect(Guest.page(of: 3) + Guest.page == Guest.size(vcpus: 4))
  }

  static let hasKVM = unsafe access("/dev/kvm", R_OK | W_OK) == 0

  @Test("answers its wakes", .enabled(if: hasKVM, "needs /dev/kvm"))
  func answers() throws {
    let options = try Options.parse([
      "--vcpus", "2", "--distribution", "request", "--mean", "1ms", "--duration", "200ms",
      "--busy", "10us",
    ])
    for vcpu in try Load(options).run().vcpus {
      #expect(vcpu.sent > 20)
      #expect(vcpu.sent - UInt64(vcpu.answered) <= 1)
    }
  }
}
