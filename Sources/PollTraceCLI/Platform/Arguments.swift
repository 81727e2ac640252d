import ArgumentParser
import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What this process was started with.
enum Arguments {
  /// The arguments without the program's name, each so that `OSString(argument:)` gets its bytes:
  /// `CommandLine.arguments` has them repaired.
  static var carried: [String] {
    unsafe UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
      .dropFirst().compactMap { argument in
        guard let argument = unsafe argument else { return nil }
        return unsafe OSString(
          bytes: unsafe UnsafeRawBufferPointer(
            start: argument, count: strlen(argument))
        ).carried
      }
  }
}

extension OSString: ExpressibleByArgument {
  package init?(argument: String) { self.init(carried: argument) }

  package var defaultValueDescription: String { shown }
}
