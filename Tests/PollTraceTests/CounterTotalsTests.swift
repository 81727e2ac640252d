import Fixtures
import PollTrace
import Testing

@Suite("Counters that never fall")
struct CounterTotalsTests {
  private func counters(_ exits: UInt64, waits: UInt64 = 0) -> HaltCounters {
    var counters = HaltCounters.none
    counters[.exits] = exits
    var lengths = LogHistogram()
    lengths.add(Nanoseconds(1_500), times: waits)
    counters[.waits] = lengths
    return counters
  }

  private func vm(
    _ number: Int, _ vcpus: [UInt32: UInt64], name: String = "web", lack: SourceLack? = nil,
    source: CountedVM.Source = .counters
  ) -> CountedVM {
    var vm = CountedVM(
      number: number, process: ProcessID(Int32(100 + number)), name: Untrusted(name),
      source: source,
      time: Timestamp(0), lack: lack)
    vm.vcpus = vcpus.sorted { $0.key < $1.key }.map {
      CountedVCPU(vcpu: $0.key, thread: nil, counters: counters($0.value, waits: $0.value))
    }
    vm.vcpuCount = vcpus.count
    vm.counters = HaltCounters.sum(of: vm.vcpus.map(\.counters))
    return vm
  }

  private func sample(
    _ seconds: UInt64, _ vms: [CountedVM], ended: [CountedVM] = []
  ) -> CounterSample {
    CounterSample(time: Timestamp(seconds * 1_000_000_000), vms: vms, ended: ended)
  }

  private func exits(_ totals: CounterTotals, _ label: Untrusted = "web") -> UInt64? {
    totals.vms.first { $0.label == label }?.counters?[.exits]
  }

  @Test("A VM's sums are KVM's own, and a host's begin at zero")
  func begin() {
    var totals = CounterTotals()
    totals.take(sample(0, [vm(0, [0: 10, 1: 20])]))
    #expect(exits(totals) == 30)
    #expect(totals.host[.exits] == 0)
    totals.take(sample(1, [vm(0, [0: 11, 1: 25])]))
    #expect(exits(totals) == 36)
    #expect(totals.host[.exits] == 6)
    #expect(totals.host[.waits]?.total == 6)
  }

  @Test("A vCPU that goes takes nothing away, and one of its id that comes counts anew")
  func unplugged() {
    var totals = CounterTotals()
    totals.take(sample(0, [vm(0, [0: 10, 1: 20])]))
    totals.take(sample(1, [vm(0, [0: 12])]))
    #expect(exits(totals) == 32)
    totals.take(sample(2, [vm(0, [0: 12, 1: 3])]))
    #expect(exits(totals) == 35)
    #expect(totals.host[.exits] == 5)
  }

  @Test("Of a VM that is not seen as a whole there are no sums, and none of it comes all at once")
  func partly() {
    var totals = CounterTotals()
    totals.take(sample(0, [vm(0, [0: 10], lack: .partlyHeld)]))
    #expect(exits(totals) == nil)
    totals.take(sample(1, [vm(0, [0: 11, 1: 500])]))
    #expect(totals.host[.exits] == 1)
  }

  @Test("All that a new VM counted is the host's, also when it is seen late and bit by bit")
  func late() {
    var totals = CounterTotals()
    totals.take(sample(0, []))
    totals.take(sample(1, [vm(0, [0: 10], lack: .partlyHeld)]))
    totals.take(sample(2, [vm(0, [0: 12, 1: 30])]))
    #expect(totals.host[.exits] == 42)
    #expect(exits(totals) == 42)
  }

  @Test("A VM that has ended stays as it was at its end for five minutes, and in the host's sums")
  func ended() {
    var totals = CounterTotals()
    totals.take(sample(0, []))
    totals.take(sample(1, [vm(0, [0: 10])]))
    totals.take(sample(2, [], ended: [vm(0, [0: 17])]))
    #expect(exits(totals) == 17)
    #expect(totals.vms.first?.ended == Timestamp(2_000_000_000))
    totals.take(sample(301, []))
    #expect(exits(totals) == 17)
    totals.take(sample(302, []))
    #expect(totals.vms.isEmpty)
    #expect(totals.host[.exits] == 17)
  }

  @Test("A VM of which nothing was held at its end ends as well")
  func endedUnseen() {
    var totals = CounterTotals()
    totals.take(sample(0, [vm(0, [:], lack: .notHeld, source: .none)]))
    #expect(totals.vms.first?.ended == nil)
    totals.take(sample(1, []))
    #expect(totals.vms.first?.ended != nil)
  }

  @Test("A VM that was started anew takes the name, and counts from zero")
  func restarted() {
    var totals = CounterTotals()
    totals.take(sample(0, [vm(0, [0: 10])]))
    totals.take(sample(1, [vm(1, [0: 2])], ended: [vm(0, [0: 11])]))
    #expect(totals.vms.map(\.label) == ["web"])
    #expect(exits(totals) == 2)
    #expect(totals.host[.exits] == 3)
  }

  @Test("VMs of one name are told apart, each by the same label for as long as it is followed")
  func twins() {
    var totals = CounterTotals()
    totals.take(sample(0, [vm(0, [0: 1])]))
    totals.take(sample(1, [vm(0, [0: 1]), vm(1, [0: 2])]))
    #expect(totals.vms.map(\.label) == ["web", "web (pid 101)"])
    totals.take(sample(2, [vm(1, [0: 3])], ended: [vm(0, [0: 1])]))
    #expect(exits(totals, "web (pid 101)") == 3)
    var both = CounterTotals()
    both.take(sample(0, [vm(0, [0: 1]), vm(1, [0: 2])]))
    #expect(both.vms.map(\.label) == ["web (pid 100)", "web (pid 101)"])
  }

  @Test("A VM cannot take another's label by its name, nor by characters that do not show")
  func borrowed() {
    var totals = CounterTotals()
    totals.take(
      sample(
        0,
        [
          vm(0, [0: 1], name: ""), vm(1, [0: 1], name: "pid 100"), vm(2, [0: 1], name: "a\u{1b}"),
          vm(3, [0: 1], name: "a\u{7}"),
        ]))
    #expect(Set(totals.vms.map(\.label.label)).count == 4)
  }
}
