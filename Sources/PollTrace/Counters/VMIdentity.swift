/// What a VM's process says of it beside its name.
package struct VMIdentity: Hashable, Sendable {
  /// The UUID that it was started with; empty where there is none.
  package var uuid: Untrusted
  /// The program that runs it, as the kernel names its process.
  package var program: Untrusted

  package init(uuid: Untrusted, program: Untrusted) {
    self.uuid = uuid
    self.program = program
  }
}
