import ArgumentParser
import PollTraceReplay

/// `--max-wake-latency p99=50us`, of every command that takes it.
extension WakeLatencyLimit: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
