/// What the command line of `perf record`, which a perf.data keeps, says of events that it left out.
///
/// linux tools/perf/Documentation/perf-record.txt.
struct PerfCommand {
  /// The filters of KVM's events (`--filter` behind an `-e` that names them).
  private(set) var filters: [String] = []
  /// The CPUs of which events were taken (`-C`); nil for all.
  private(set) var cpus: String?

  /// Options with a value of their own, by letter and by name.
  private static let letters = Set("eptrCoFcmjukGDW")
  private static let names: Set<String> = [
    "event", "filter", "pid", "tid", "realtime", "cpu", "output", "freq", "count", "mmap-pages",
    "branch-filter", "uid", "clockid", "cgroup", "delay", "call-graph", "affinity", "max-size",
    "mmap-flush", "num-thread-synthesize", "control", "proc-map-timeout", "vmlinux",
  ]

  /// `arguments` are the whole line's, `perf` and `record` among them.
  init(_ arguments: [String]) {
    guard let record = arguments.firstIndex(of: "record") else { return }
    var rest = arguments[(record + 1)...]
    var events = ""
    // What follows the options is another command's.
    while let argument = rest.popFirst(), argument.hasPrefix("-"), argument != "--" {
      guard let (name, attached) = Self.option(argument), Self.takesValue(name),
        let value = attached ?? rest.popFirst()
      else { continue }
      switch name {
      case "e", "event": events = value
      case "filter" where events.contains("kvm"): filters.append(value)
      case "C", "cpu": cpus = value
      default: break
      }
    }
  }

  private static func takesValue(_ name: String) -> Bool {
    names.contains(name) || (name.count == 1 && name.allSatisfy(letters.contains))
  }

  /// The option in `argument`, of several letters the last one, and the value behind it.
  private static func option(_ argument: String) -> (name: String, value: String?)? {
    if argument.hasPrefix("--") {
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1)
      return parts.first.map { (String($0), parts.count > 1 ? String(parts[1]) : nil) }
    }
    let letters = argument.dropFirst()
    guard let place = letters.firstIndex(where: Self.letters.contains) ?? letters.indices.last
    else {
      return nil
    }
    let value = letters[letters.index(after: place)...]
    return (String(letters[place]), value.isEmpty ? nil : String(value))
  }

  /// How many CPUs `-C` names; nil where it was not given, or cannot be read.
  private var countOfCPUs: Int? {
    guard let cpus else { return nil }
    var count = 0
    for part in cpus.split(separator: ",") {
      let ends = part.split(separator: "-").map { Int($0) }
      guard let first = ends.first, let last = ends.last, let first, let last, first <= last,
        last < 1 << 16
      else { return nil }
      count += last - first + 1
    }
    return count
  }

  /// What was left out of events on a machine of `cpus` CPUs.
  func leftOut(of cpus: Int?) -> [String] {
    var words = filters.map { "perf record --filter '\($0)'" }
    if let named = self.cpus, let cpus, countOfCPUs ?? 0 < cpus {
      words.append("perf record -C \(named), of \(cpus) CPUs")
    }
    return words
  }
}
