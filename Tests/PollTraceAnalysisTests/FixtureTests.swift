import Fixtures
import Testing

@testable import PollTrace

/// Whether `value` lies within `share` of `truth`, or within `slack` where that is wider.
private func isNear(_ value: UInt64, _ truth: UInt64, _ share: Double, slack: UInt64 = 0) -> Bool {
  abs(Double(value) - Double(truth)) <= max(Double(truth) * share, Double(slack))
}

@Suite struct `A recorded trace` {
  @Test(arguments: Fixtures.names)
  func `has every decision reproduced by the rules`(name: String) throws {
    let report = try report(name)
    let fidelity = Figures(totalOf: report.vcpus.map(\.figures)).fidelity
    #expect(fidelity.reproduced == fidelity.recorded)
    #expect(fidelity.contradicted == 0)
    #expect(fidelity.refused == 0 || report.vcpus.allSatisfy { $0.ceiling == 0 })
    #expect(name == "off" || fidelity.recorded > 5)
    #expect(report.settings.rules.name == "6.11")
    #expect(report.sources == ParameterSources(.recorded))
  }

  @Test(arguments: Fixtures.whole)
  func `has as many attempted and successful polls as KVM counted`(name: String) throws {
    let truth = try Fixtures.truth(of: name)
    let vcpus = try report(name).vcpus
    #expect(vcpus.count == truth.vcpus.count)
    for vcpu in vcpus {
      let real = try #require(truth.vcpu(of: vcpu.identity.thread.rawValue))
      let counters = vcpu.figures.kernelCounters
      #expect(counters.attemptedPolls == real.halt_attempted_poll)
      #expect(counters.successfulPolls == real.halt_successful_poll)
      #expect(vcpu.figures.unknownWindows == 0)
    }
  }

  @Test(arguments: Fixtures.whole)
  func `has KVM's times, within what a trace can tell`(name: String) throws {
    let truth = try Fixtures.truth(of: name)
    for vcpu in try report(name).vcpus {
      let real = try #require(truth.vcpu(of: vcpu.identity.thread.rawValue))
      let counters = vcpu.figures.kernelCounters
      #expect(
        isNear(
          counters.successfulPollTime.rawValue, real.halt_poll_success_ns, 0.001, slack: 1_000))
      // All of a halt that slept is one or the other.
      #expect(
        counters.failedPollTime.rawValue + counters.waitTime.rawValue
          == real.halt_poll_fail_ns + real.halt_wait_ns)
      // Some ten µs a failed poll hang on a handful of polls where there are few; nothing measured
      // them where there were no scheduler events; and on a crowded CPU the way from a poll's end
      // to the switch may be longer than the poll.
      let failed = real.halt_attempted_poll - real.halt_successful_poll
      if failed >= 200, !["floating", "no-sched"].contains(name) {
        #expect(isNear(counters.failedPollTime.rawValue, real.halt_poll_fail_ns, 0.05))
      }
    }
  }

  @Test(arguments: Fixtures.whole)
  func `has KVM's histograms, all but one poll in a hundred`(name: String) throws {
    let truth = try Fixtures.truth(of: name)
    for vcpu in try report(name).vcpus {
      let real = try #require(truth.vcpu(of: vcpu.identity.thread.rawValue))
      let counts = vcpu.figures.kernelCounters.successfulPollHistogram.counts
      let moved = zip(counts, real.halt_poll_success_hist).reduce(0 as UInt64) {
        $0 + ($1.0 > $1.1 ? $1.0 - $1.1 : 0)
      }
      #expect(moved <= max(5, real.halt_successful_poll / 100))
    }
  }

  @Test(arguments: Fixtures.whole)
  func `shows the VM's ceiling where it has one of its own`(name: String) throws {
    let truth = try Fixtures.truth(of: name)
    for vcpu in try report(name).vcpus {
      #expect(vcpu.ceiling == truth.vm.ceiling_ns ?? 200_000)
      #expect(vcpu.ceilingSource == (truth.vm.ceiling_ns == nil ? .parameter : .inferred))
      #expect(vcpu.identity.process?.rawValue == truth.vm.pid)
      #expect(vcpu.identity.source == .trace)
    }
  }

  @Test func `that lost events says so and goes on`() throws {
    let report = try report("lost")
    #expect(report.lostEvents > 1_000)
    #expect(report.ledger.isIncomplete)
    #expect(report.vcpus.allSatisfy { $0.figures.gaps > 0 })
    #expect(report.ledger.count(of: .lostEvents) == report.lostEvents)
  }

  @Test func `without scheduler events says what that costs`() throws {
    let report = try report("no-sched")
    #expect(report.ledger.count(of: .noSchedulerEvents) == 1)
    #expect(report.vcpus.allSatisfy { $0.figures.measures.wakeLatency.count == 0 })
  }

  @Test func `without polling is known to have none`() throws {
    let vcpu = try #require(try report("off").vcpus.first)
    #expect(vcpu.figures.kernelCounters.attemptedPolls == 0)
    #expect(vcpu.figures.measures.halts > 1_000)
    #expect(vcpu.figures.windows.now?.window == 0)
  }
}
