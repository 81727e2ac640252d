package import PollTrace

extension VMIdentity {
  /// What /proc shows of process `id`.
  package init(of id: ProcessID) {
    let root = "/proc/\(id.rawValue)"
    self.init(
      uuid: Untrusted(Self.uuid(VMName.arguments((try? Paths.bytes("\(root)/cmdline")) ?? []))),
      program: Untrusted(Paths.line("\(root)/comm") ?? ""))
  }

  /// The value of `-uuid` or `--uuid` (QEMU); empty where there is none, or it is no UUID.
  static func uuid(_ arguments: [String]) -> String {
    guard let option = arguments.dropFirst().firstIndex(where: { $0 == "-uuid" || $0 == "--uuid" }),
      option + 1 < arguments.count
    else { return "" }
    let value = arguments[option + 1]
    let isUUID = value.utf8.count == 36 && value.allSatisfy { $0.isHexDigit || $0 == "-" }
    return isUUID ? value.lowercased() : ""
  }
}
