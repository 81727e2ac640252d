import FoundationEssentials
import Glibc

/// The document `haltload.stats/1`.
struct Report {
  var options: Options
  var outcome: Outcome
  var kernel: String
  var parameters: [String: UInt64]

  var json: JSON {
    .object([
      "schema": .text("haltload.stats/1"),
      "kernel": .text(kernel),
      "workload": workload,
      "parameters": .object(parameters.mapValues { .number($0) }),
      "vm": .object([
        "pid": .number(getpid()), "name": .text(options.name),
        "ceiling_ns": options.ceiling.count == 1 ? .time(options.ceiling[0]) : .null,
        "ceilings": .list(
          outcome.ceilings.map {
            .object([
              "since_mono_ns": .number($0.since), "ceiling_ns": .time($0.ceiling),
              "settled": $0.settled?.json ?? .null, "end": $0.end?.json ?? .null,
            ])
          }),
        "sums": outcome.sums.map { .object($0.mapValues { .number($0) }) } ?? .null,
      ]),
      "start_mono_ns": .number(outcome.begin),
      "end_mono_ns": .number(outcome.end),
      "vcpus": .list(outcome.vcpus.map(\.json)),
    ])
  }

  private var workload: JSON {
    .object([
      "vcpus": .number(options.vcpus), "mean_ns": .time(options.mean),
      "distribution": .text(options.distribution.rawValue), "busy_ns": .time(options.busy),
      "duration_ns": .time(options.duration), "seed": .number(options.seed),
      "pin": .flag(options.pin), "idle": .text(options.idle.rawValue),
      "exits_kept": options.exits.map { .text($0.rawValue) } ?? .null,
    ])
  }

  func bytes() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(json)) + [UInt8(ascii: "\n")]
  }
}

extension CeilingBlocks.Look {
  fileprivate var json: JSON {
    .object(["mono_ns": .number(time), "polled_ns": polled.map { .time($0) } ?? .null])
  }
}

extension Outcome.VCPU {
  fileprivate var json: JSON {
    var known: [String: JSON] = [
      "vcpu": .number(id), "tid": .number(tid), "wakes_sent": .number(sent),
    ]
    if let latency, let half = latency.quantile(0.5), let most = latency.quantile(0.99) {
      known["wake_latency_ns_count"] = .number(latency.count)
      known["wake_latency_ns_p50"] = .number(UInt64(half))
      known["wake_latency_ns_p99"] = .number(UInt64(most))
    }
    return .object((statistics?.json ?? [:]).merging(known) { $1 })
  }
}

extension Statistics {
  fileprivate var json: [String: JSON] {
    values.mapValues {
      switch $0 {
      case .number(let value): .number(value)
      case .histogram(let buckets): .list(buckets.map { .number($0) })
      }
    }
  }
}
