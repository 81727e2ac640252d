package import PollTrace

extension ConfiguredParameters {
  /// What this host configures.
  package static var onThisHost: ConfiguredParameters { host(root: "") }

  /// The same of the folder that stands for the root.
  ///
  /// modprobe.d(5): files of the same name in an earlier folder stand for those in later ones, and all
  /// are read in order of their names. Where kvm is built in they have no effect.
  static func host(root: String) -> ConfiguredParameters {
    var configured = ConfiguredParameters()
    if !isBuiltIn(root) {
      var files: [String: String] = [:]
      for folder in ["etc", "run", "usr/local/lib", "usr/lib", "lib"] {
        let path = "\(root)/\(folder)/modprobe.d"
        for name in (try? Paths.names(in: path)) ?? [] where name.hasSuffix(".conf") {
          if files[name] == nil { files[name] = "\(path)/\(name)" }
        }
      }
      for name in files.keys.sorted() {
        configured.take(modprobe: files[name].flatMap { Paths.text($0) } ?? "")
      }
    }
    configured.take(commandLine: Paths.text("\(root)/proc/cmdline") ?? "")
    return configured
  }

  private static func isBuiltIn(_ root: String) -> Bool {
    Paths.isDirectory("\(root)/sys/module/kvm") && !Paths.exists("\(root)/sys/module/kvm/initstate")
  }
}
