/// A halt, and the place of its vCPU among those of the report.
package struct ReportedHalt: Sendable {
  package var vcpu: Int
  package var halt: WindowedHalt
  package init(vcpu: Int, halt: WindowedHalt) {
    self.vcpu = vcpu
    self.halt = halt
  }
}
