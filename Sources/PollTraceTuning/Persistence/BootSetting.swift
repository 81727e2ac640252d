import PollTrace
import PollTraceCapture

/// What this machine needs to set parameters at each boot: one file, or words for its administrator.
struct BootSetting {
  let target: Target
  /// All of the target's parameters that this kernel has.
  let setting: Setting

  /// The file that sets them, with what it has now; nothing is written.
  ///
  /// - Throws: where another file already sets them, or there is none that polltrace may write: with what to do.
  func file() throws(TuningError) -> PersistedFile {
    if target.name == .host, let profile = tunedProfile { return try tuned(profile) }
    if Paths.exists("\(target.root)/sys/module/\(target.module)/initstate") {
      return try modprobe()
    }
    guard Paths.isDirectory("\(target.root)/run/systemd/system") else {
      throw .refused(
        "\(target.module) is built into the kernel: what sets it at boot is the kernel's command line, which "
          + "polltrace does not write",
        "Add to it: \(commandLine). Without --persist it is set until then.")
    }
    return try tmpfiles()
  }

  /// The parameters on a kernel's command line.
  private var commandLine: String {
    setting.named(of: target).map {
      "\(target.module).\($0.parameter.name)=\($0.parameter.text($0.value))"
    }.joined(separator: " ")
  }

  /// modprobe puts what the kernel's command line says behind the options of modprobe.d (modprobe(8)).
  private func refuseCommandLine() throws(TuningError) {
    let words = Paths.line("\(target.root)/proc/cmdline")?.split(separator: " ") ?? []
    let own = target.parameters.map { "\(target.module).\($0.name)=" }
    guard let word = words.first(where: { word in own.contains { word.hasPrefix($0) } }) else {
      return
    }
    throw .refused(
      "the kernel's command line sets \(Untrusted(String(word)).terminal), which a file would not overrule",
      "Change it there: \(commandLine)")
  }

  private var tunedProfile: String? {
    TunedProfile.settingPolls(etc: "\(target.root)/etc", lib: "\(target.root)/usr/lib")
  }

  /// kmod reads `*.conf` of these folders (modprobe.d(5)); a module is given all options found.
  private func modprobe() throws(TuningError) -> PersistedFile {
    try refuseCommandLine()
    let folders = ["etc", "run", "usr/local/lib", "usr/lib", "lib"].map { "\($0)/modprobe.d" }
    let own = "/etc/modprobe.d/polltrace.conf"
    try refuse(filesIn: folders, but: own) { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      return words.first == "options" && words.dropFirst().first == Substring(target.module)
        && target.parameters.contains { parameter in
          words.contains { $0.hasPrefix("\(parameter.name)=") }
        }
    }
    let words = setting.named(of: target).map {
      "\($0.parameter.name)=\($0.parameter.text($0.value))"
    }
    return file(own, "options \(target.module) \(words.joined(separator: " "))\n")
  }

  /// systemd-tmpfiles writes at boot, after the kernel has read its command line and before anything that could
  /// start a VM; a built-in module's files are there from the start, unlike those of one that is loaded later
  /// (tmpfiles.d(5), line type w).
  private func tmpfiles() throws(TuningError) -> PersistedFile {
    let folders = ["etc", "run", "usr/local/lib", "usr/lib"].map { "\($0)/tmpfiles.d" }
    let own = "/etc/tmpfiles.d/polltrace-\(target.module).conf"
    let prefix = "/sys/module/\(target.module)/parameters/"
    try refuse(filesIn: folders, but: own) { line in
      !line.hasPrefix("#")
        && target.parameters.contains { parameter in
          line.split(whereSeparator: \.isWhitespace).contains("\(prefix)\(parameter.name)")
        }
    }
    let lines = setting.named(of: target).map {
      "w \(prefix)\($0.parameter.name) - - - - \($0.parameter.text($0.value))\n"
    }
    return file(own, lines.joined())
  }

  /// tuned writes the values of its active profile when it starts: there they are changed, and nowhere else.
  private func tuned(_ profile: String) throws(TuningError) -> PersistedFile {
    let path = String(profile.dropFirst(target.root.utf8.count))
    let lines = setting.named(of: target).map { "\(target.path($0.parameter))=\($0.value)" }
    guard path.hasPrefix("/etc/") else {
      throw .refused(
        "tuned's profile \(OSString(path).shown) sets halt_poll_ns, and is not yours to edit",
        "Make a profile of your own below /etc/tuned that includes it, with in [sysfs]:\n    "
          + lines.joined(separator: "\n    "))
    }
    let before = Paths.text(profile) ?? ""
    return PersistedFile(
      path: path, text: TunedText.setting(setting, of: target, in: before), before: before)
  }

  private func file(_ path: String, _ text: String) -> PersistedFile {
    PersistedFile(path: path, text: text, before: Paths.text(target.root + path))
  }

  /// - Throws: where a line of another `*.conf` in `folders` sets the parameters.
  private func refuse(
    filesIn folders: [String], but own: String, where sets: (Substring) -> Bool
  ) throws(TuningError) {
    for folder in folders.map({ "\(target.root)/\($0)" }) {
      for name in ((try? Paths.names(in: folder)) ?? []).sorted() where name.hasSuffix(".conf") {
        let path = "\(folder)/\(name)"
        guard path != target.root + own, let text = Paths.text(path) else { continue }
        guard text.split(whereSeparator: \.isNewline).contains(where: sets) else { continue }
        throw .refused(
          "\(OSString(path).shown) sets the same parameters at boot: which file wins would be chance",
          "Take those lines out of it, or change them there.")
      }
    }
  }
}
