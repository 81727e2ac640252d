/// The formats that can be read, by content.
package enum TraceFormats {
  /// No format can be read yet.
  struct NoneYet: Error {}

  /// Opens the trace at `path`.
  package static func open(path: String) throws -> any TraceReader { throw NoneYet() }
}
