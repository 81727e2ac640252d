/// Names that tell running VMs apart, each kept for as long as its VM is followed.
///
/// Two series of one name are refused by whoever reads them, and a name that goes from one VM to
/// another would make counts of both into one.
package struct VMLabels: Sendable {
  private var labels: [Int: Untrusted] = [:]

  package init() {}

  /// The name of `vm`: its own; with its process id where it has none, or
  /// another VM that runs in `sample`, or one named before, has the same.
  package mutating func name(_ vm: CountedVM, among sample: CounterSample) -> Untrusted {
    if let known = labels[vm.number] { return known }
    let name = vm.name.label
    let isShared =
      isTaken(vm.name)
      || sample.vms.contains { $0.number != vm.number && $0.name.label == name }
    var label: Untrusted =
      name.isEmpty
      ? "pid \(vm.process.rawValue)"
      : isShared ? vm.name + " (pid \(vm.process.rawValue))" : vm.name
    // Somebody may have named a VM like this.
    while isTaken(label) { label = "\(label) (\(vm.number))" }
    labels[vm.number] = label
    return label
  }

  /// Whether a name that is shown like `name` is given.
  private func isTaken(_ name: Untrusted) -> Bool {
    labels.values.contains { $0.label == name.label }
  }

  /// The VM of that number is shown no more.
  package mutating func forget(_ number: Int) { labels[number] = nil }
}
