/// One vCPU in all traces of a report together.
///
/// A vCPU is known by host, boot, VM and id. Only a trace that says of which boot it is can be of
/// the same vCPUs as another; all others stay apart, whatever their threads' numbers.
package struct VCPUTotal: Hashable, Sendable {
  /// The host's name and the boot's id, where the traces say them.
  package var host: Untrusted?
  package var boot: Untrusted?
  /// What tells it from vCPUs of the same name in other traces: the host, with the boot where there are
  /// several of it; the path of a trace that does not say its boot.
  package var place: Untrusted
  package var identity: VCPUIdentity
  /// Numbers of the traces that it is in.
  package var traces: [Int]
  package var figures: Figures

  /// What tells a vCPU from all others.
  private struct Key: Hashable {
    var boot: Untrusted
    /// The trace, where it does not say of which boot it is.
    var trace: Int?
    var process: ProcessID?
    var vcpu: UInt32?
    /// The thread, where VM or id are not known.
    var thread: ThreadID?

    init(_ identity: VCPUIdentity, boot: Untrusted, trace: Int) {
      let isKnown = identity.process != nil && identity.vcpu != nil
      self.boot = boot
      self.trace = boot.isEmpty ? trace : nil
      process = identity.process
      vcpu = isKnown ? identity.vcpu : nil
      thread = isKnown ? nil : identity.thread
    }
  }

  /// The vCPUs of `traces`, in order of first appearance.
  static func all(of traces: [TraceReport]) -> [VCPUTotal] {
    let vcpus = traces.enumerated().flatMap { number, trace in
      trace.vcpus.map { (number: number, facts: trace.trace.facts, vcpu: $0) }
    }
    let same = vcpus.grouped { number, facts, vcpu in
      let boot: Untrusted? = facts.map { $0.boot.isEmpty ? "" : "\($0.host) \($0.boot)" }
      return Key(vcpu.identity, boot: boot ?? "", trace: number)
    }
    let boots = traces.reduce(into: [Untrusted: Set<Untrusted>]()) { boots, trace in
      if let facts = trace.trace.facts { boots[facts.host, default: []].insert(facts.boot) }
    }
    func place(_ facts: RecordedFacts?, _ trace: Int) -> Untrusted {
      guard let facts, !facts.boot.isEmpty else { return traces[trace].trace.path }
      return boots[facts.host]?.count ?? 0 > 1
        ? "\(facts.host) boot \(facts.boot.prefix(8))" : facts.host
    }
    return same.map { parts in
      var figures = parts[0].vcpu.figures
      for part in parts.dropFirst() { figures.merge(part.vcpu.figures) }
      return VCPUTotal(
        host: parts[0].facts?.host, boot: parts[0].facts?.boot,
        place: place(parts[0].facts, parts[0].number), identity: parts[0].vcpu.identity,
        traces: parts.map(\.number).grouped { $0 }.map { $0[0] }, figures: figures)
    }
  }
}
