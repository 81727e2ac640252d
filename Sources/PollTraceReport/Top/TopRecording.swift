package import PollTrace

/// What has become of a recording that a condition asked for.
package struct TopRecording: Hashable, Sendable {
  package enum State: String, Hashable, Sendable { case began, done, failed }

  /// As it was written.
  package var condition: Untrusted
  package var file: Untrusted
  /// For which row it held; nil when it is over.
  package var row: CounterRow?
  package var state: State

  package init(condition: Untrusted, file: Untrusted, row: CounterRow?, state: State) {
    (self.condition, self.file) = (condition, file)
    (self.row, self.state) = (row, state)
  }
}
