import PollTrace

extension KVMModule {
  /// How this host's kernel has kvm; nil where it is not loaded.
  static var onThisHost: KVMModule? { host(sys: "/sys", etc: "/etc", lib: "/usr/lib") }

  /// Whether hardware hands interrupts to vCPUs itself (APICv, AVIC), as `sys` says: then KVM's events
  /// leave out those that devices and other vCPUs send (linux arch/x86/kvm/{vmx/vmx.c,svm/avic.c}).
  static var postsInterrupts: Bool { postsInterrupts(sys: "/sys") }

  static func postsInterrupts(sys: String) -> Bool {
    ["kvm_intel/parameters/enable_apicv", "kvm_amd/parameters/avic"].contains { file in
      let value = Paths.text("\(sys)/module/\(file)")?.first
      return value == "Y" || value == "1"
    }
  }

  /// The same, of the folders that stand for /sys, /etc and /usr/lib.
  ///
  /// A module that can be loaded has a file `initstate`, one that is built in has none (linux
  /// kernel/module/sysfs.c and kernel/params.c).
  static func host(sys: String, etc: String, lib: String) -> KVMModule? {
    let folder = "\(sys)/module/kvm"
    guard Paths.isDirectory(folder) else { return nil }
    return KVMModule(
      linkage: Paths.exists("\(folder)/initstate") ? .module : .builtIn,
      access: PollParameters.names.map { name in
        let file = "\(folder)/parameters/\(name)"
        guard Paths.exists(file) else { return .absent }
        return Paths.isWritableByMode(file) ? .writable : .readOnly
      },
      tunedProfile: TunedProfile.settingPolls(etc: etc, lib: lib).map { Untrusted($0) })
  }
}

/// tuned's active profiles: they write files of sysfs when tuned starts, and again whenever it is
/// restarted.
package enum TunedProfile {
  /// The file of the first active profile, or one that it includes, that sets a halt-polling parameter.
  ///
  /// tuned 2.24: /etc/tuned/active_profile names the profiles; tuned.conf of each lies in a folder of
  /// its name, `[main] include=` names others (tuned-profiles(7), tuned.conf(5)).
  package static func settingPolls(etc: String, lib: String) -> String? {
    let folders = [
      "\(etc)/tuned/profiles", "\(etc)/tuned", "\(lib)/tuned/profiles", "\(lib)/tuned",
    ]
    var names = words(Paths.text("\(etc)/tuned/active_profile") ?? "")
    var next = 0
    while next < names.count, next < most {
      let files = folders.map { "\($0)/\(names[next])/tuned.conf" }
      next += 1
      guard let file = files.first(where: Paths.exists), let text = Paths.text(file) else {
        continue
      }
      for line in text.split(whereSeparator: \.isNewline) {
        let line = line.drop { $0 == " " || $0 == "\t" }
        if line.hasPrefix("#") || line.hasPrefix(";") { continue }
        if line.contains("halt_poll_ns") { return file }
        if line.hasPrefix("include"), let equals = line.firstIndex(of: "=") {
          names += words(String(line[line.index(after: equals)...])).filter { !names.contains($0) }
        }
      }
    }
    return nil
  }

  /// More profiles than this are not looked at.
  private static let most = 64

  private static func words(_ text: String) -> [String] {
    text.split { $0.isWhitespace || $0 == "," }.map(String.init)
  }
}
