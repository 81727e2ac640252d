import Foundation
import PackagePlugin

/// Writes the commit that is built into a source file, for `polltrace --version`.
///
/// That of a source tarball stands in its file `.commit`; "unknown" where the sources are no git work tree either.
@main
struct Commit: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) -> [Command] {
    let folder = context.pluginWorkDirectoryURL
    let script = """
      commit=$(cat "$1/.commit" 2>/dev/null || git -C "$1" describe --always --dirty --abbrev=12 --match= 2>/dev/null || echo unknown)
      new="enum BuiltCommit { static let text = \\"$commit\\" }"
      [ "$(cat "$2" 2>/dev/null)" = "$new" ] || printf '%s\\n' "$new" >"$2"
      """
    return [
      .prebuildCommand(
        displayName: "Commit of \(context.package.directoryURL.path)",
        executable: URL(fileURLWithPath: "/bin/sh"),
        arguments: [
          "-c", script, "sh", context.package.directoryURL.path,
          folder.appending(path: "BuiltCommit.swift").path,
        ],
        outputFilesDirectory: folder)
    ]
  }
}
