import PollTrace
import Testing

@testable import PollTraceReplay

@Suite struct `A limit of wake-up latency` {
  @Test(arguments: [
    ("p99=50us", WakeLatencyLimit(.p99, most: 50_000)),
    ("p50=800ns", WakeLatencyLimit(.p50, most: 800)),
    ("p999=1.5ms", WakeLatencyLimit(.p999, most: 1_500_000)),
    ("mean=20µs", WakeLatencyLimit(.mean, most: 20_000)),
  ])
  func `is a statistic and a length of time`(text: String, limit: WakeLatencyLimit) {
    #expect(WakeLatencyLimit(text) == limit)
  }

  @Test(arguments: [
    "", "p99", "p99=", "=50us", "50us", "p95=50us", "P99=50us", "p99=50", "p99=0us", "p99=-1us",
    "p99=us", "p99==50us", "p99=50us ", "p99=50 us", "p99=50us=1", "p99=nanus", "p99=1e3us",
    "p99=99999999999999999999s",
  ])
  func `is nothing else`(text: String) {
    #expect(WakeLatencyLimit(text) == nil)
  }
}
