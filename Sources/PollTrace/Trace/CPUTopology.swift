/// Which CPUs of a host share what: where a task that moves finds its cache warm, and which vCPUs are
/// hyperthreads of one core.
package struct CPUTopology: Hashable, Sendable {
  /// CPUs that share one thing.
  package struct Group: Hashable, Sendable {
    /// `core` (threads of one core), `l2`, `l3` and so on (a cache of that level), `node` (memory).
    package var kind: String
    package var cpus: CPUSet
    package init(kind: String, cpus: CPUSet) { (self.kind, self.cpus) = (kind, cpus) }
  }

  /// CPUs that were online.
  package var online: CPUSet
  /// Those of one kind follow each other; cores of one thread are left out.
  package var groups: [Group]

  package init(online: CPUSet, groups: [Group] = []) {
    (self.online, self.groups) = (online, groups)
  }
}

extension CPUTopology {
  /// As a fact's pairs: `online=0-3 l3=0-1;2-3`.
  var pairs: [(String, String)] {
    var pairs = [("online", online.text)]
    for group in groups {
      if pairs[pairs.count - 1].0 == group.kind {
        pairs[pairs.count - 1].1 += ";" + group.cpus.text
      } else {
        pairs.append((group.kind, group.cpus.text))
      }
    }
    return pairs
  }

  /// The topology in a fact's pairs, in their order; nil where a list cannot be read.
  init?(pairs: [(String, String)]) {
    var topology = CPUTopology(online: CPUSet([]))
    for (kind, value) in pairs {
      for list in value.split(separator: ";", omittingEmptySubsequences: false) {
        guard let cpus = CPUSet(list) else { return nil }
        if kind == "online" {
          topology.online = topology.online.union(cpus)
        } else {
          topology.groups.append(Group(kind: kind, cpus: cpus))
        }
      }
    }
    guard !topology.online.isEmpty else { return nil }
    self = topology
  }
}
