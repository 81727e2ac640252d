import PollTrace
import PollTraceReport
import Testing

@Suite("Metrics")
struct MetricsTests {
  private var metrics: HostMetrics {
    var counters = HaltCounters()
    counters[.attemptedPolls] = 5
    counters[.failedPollTime] = 12_000_000_300
    var failures = LogHistogram()
    failures.add(300, times: 2)
    counters[.failures] = failures
    var vm = CountedVM(
      number: 0, process: ProcessID(7), name: "a\"b\\", source: .counters, time: Timestamp(0),
      vcpus: [CountedVCPU(vcpu: 3, thread: nil, counters: counters)])
    vm.vcpuCount = 1
    var shown = CounterTotals.VM(label: vm.name, vm: vm)
    shown.counters = counters
    var metrics = HostMetrics(
      version: "1", commit: "c", kernel: "6.1", vms: [shown],
      parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 0),
      duration: 1_500)
    metrics.configured.take(modprobe: "options kvm halt_poll_ns=0")
    return metrics
  }

  @Test("One look in the older format")
  func text() {
    let text = metrics.text(.text)
    #expect(text.contains("# TYPE polltrace_vm_halt_polls_total counter\n"))
    #expect(text.contains("polltrace_vm_halt_polls_total{vm=\"a\\\"b\\\\\"} 5\n"))
    #expect(text.contains("polltrace_vm_halt_polls_failed_total{vm=\"a\\\"b\\\\\"} 2\n"))
    #expect(
      text.contains("polltrace_vm_halt_poll_fail_seconds_total{vm=\"a\\\"b\\\\\"} 12.0000003\n"))
    #expect(text.contains("# TYPE polltrace_vm_info gauge\n"))
    #expect(text.contains("polltrace_scrape_duration_seconds 0.0000015\n"))
    #expect(text.contains("polltrace_halt_poll_ceiling_seconds 0.0002\n"))
    #expect(text.contains("polltrace_halt_poll_configured_ceiling_seconds 0\n"))
    #expect(text.contains("polltrace_up 1\n"))
  }

  @Test(
    "What is not known is not there: no family without samples, no vCPU unasked, no sum of a host")
  func absent() {
    let text = metrics.text(.text)
    for name in [
      "halt_exits", "vcpu_halt", "_bucket", "cpu_seconds_total", "configured_grow", "EOF", "UNIT",
    ] {
      #expect(!text.contains(name), "\(name)")
    }
  }

  @Test("OpenMetrics names families, units and its end")
  func openMetrics() {
    var metrics = metrics
    metrics.isPerVCPU = true
    let text = metrics.text(.openMetrics)
    #expect(text.contains("# TYPE polltrace_vcpu_halt_polls counter\n"))
    #expect(text.contains("polltrace_vcpu_halt_polls_total{vm=\"a\\\"b\\\\\",vcpu=\"3\"} 5\n"))
    #expect(text.contains("# UNIT polltrace_vcpu_halt_poll_fail_seconds seconds\n"))
    #expect(text.contains("# TYPE polltrace_vm info\npolltrace_vm_info{"))
    #expect(text.hasSuffix("\n# EOF\n"))
  }

  @Test("A VM that has ended keeps its counters and loses its description")
  func ended() {
    var metrics = metrics
    metrics.vms[0].ended = Timestamp(1)
    let text = metrics.text(.text)
    #expect(text.contains("polltrace_vm_halt_polls_total{"))
    #expect(!text.contains("polltrace_vm_info{"))
    #expect(text.contains("polltrace_vms{source=\"counters\"} 0\n"))
  }

  @Test("polltrace_up is 0 where rights are missing, or kvm is")
  func down() {
    var refused = metrics
    refused.vms[0].vm.lack = .refused
    #expect(refused.text(.text).contains("polltrace_up 0\n"))
    var absent = metrics
    absent.parameters = nil
    #expect(absent.text(.text).contains("polltrace_up 0\n"))
  }

  @Test(
    "Histograms have powers of two of ns as bounds, in seconds, and hold what is shorter in the first"
  )
  func histogram() {
    var metrics = metrics
    var host = HaltCounters.none
    var waits = LogHistogram()
    // Below 1 µs, just below 2^17 ns, and at and beyond the last bound.
    waits.add(5, times: 2)
    waits.add(131_071)
    waits.add(1_073_741_824)
    waits.add(1_099_511_627_776)
    host[.waits] = waits
    host[.waitTime] = 3_000_000_001
    metrics.process = .init(cpuTime: 0, host: host)
    let lines = metrics.text(.openMetrics).split(separator: "\n").filter {
      $0.hasPrefix("polltrace_halt_wait_seconds")
    }
    #expect(lines.first == "polltrace_halt_wait_seconds_bucket{le=\"1.024e-06\"} 2")
    #expect(lines.contains("polltrace_halt_wait_seconds_bucket{le=\"6.5536e-05\"} 2"))
    #expect(lines.contains("polltrace_halt_wait_seconds_bucket{le=\"0.000131072\"} 3"))
    #expect(lines.contains("polltrace_halt_wait_seconds_bucket{le=\"1.073741824\"} 3"))
    #expect(
      lines.suffix(3) == [
        "polltrace_halt_wait_seconds_bucket{le=\"+Inf\"} 5", "polltrace_halt_wait_seconds_count 5",
        "polltrace_halt_wait_seconds_sum 3.000000001",
      ])
    #expect(lines.count == 24)
  }

  @Test(
    "The format by the header Accept",
    arguments: [
      ("", false), ("*/*", false), ("text/plain;version=0.0.4", false),
      ("application/openmetrics-text", true), ("application/openmetrics-text; version=1.0.0", true),
      ("application/openmetrics-text;version=0.0.1", false),
      ("application/openmetrics-text;version=2.0.0,text/plain;q=0.1", false),
      (
        "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
          + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", true
      ),
      ("application/openmetrics-text;q=0.1, text/plain;q=0.9", false),
      ("application/openmetrics-text;q=0", false), ("text/html,*/*;q=0.8", false),
      (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;q=0.7,"
          + "text/plain;version=0.0.4;q=0.3", true
      ),
    ])
  func accept(header: String, isOpenMetrics: Bool) {
    let format = MetricFormat(accept: header)
    if case .openMetrics = format {
      #expect(isOpenMetrics)
    } else {
      #expect(!isOpenMetrics)
    }
  }
}
