/// A VM's name, from its process's command line.
enum VMName {
  /// The name that `arguments` give: QEMU `-name guest=x,…`, Firecracker `--id x`,
  /// crosvm `--name x`; empty where there is none.
  static func name(_ arguments: [String]) -> String {
    for (index, argument) in arguments.enumerated().dropFirst() {
      let (option, attached) = split(argument)
      guard ["-name", "--name", "--id"].contains(option) else { continue }
      let next = index + 1 < arguments.count ? arguments[index + 1] : ""
      return qemu(attached ?? next)
    }
    return ""
  }

  /// The UUID that `arguments` give (QEMU `-uuid x`, which libvirt passes); empty where there is none.
  static func uuid(_ arguments: [String]) -> String {
    for (index, argument) in arguments.enumerated().dropFirst() {
      let (option, attached) = split(argument)
      guard option == "-uuid" || option == "--uuid" else { continue }
      return attached ?? (index + 1 < arguments.count ? arguments[index + 1] : "")
    }
    return ""
  }

  /// The arguments in the bytes of /proc/PID/cmdline.
  static func arguments(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private static func split(_ argument: String) -> (option: String, value: String?) {
    guard let equals = argument.firstIndex(of: "="), argument.hasPrefix("-") else {
      return (argument, nil)
    }
    return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }

  /// QEMU's value is `guest=x,debug-threads=on`, or `x` first.
  private static func qemu(_ value: String) -> String {
    let parts = value.split(separator: ",", omittingEmptySubsequences: false)
    for part in parts where part.hasPrefix("guest=") { return String(part.dropFirst(6)) }
    return parts.first.map(String.init) ?? ""
  }
}
