package import PollTrace

/// What `polltrace confirm` and `polltrace revert` do, from another process than the one that opened the change.
extension StateFolder {
  /// Ends the open change with what is set, and has it set at each boot where that was asked for.
  ///
  /// - Returns: the change, and what somebody else has set meanwhile.
  /// - Throws: where none is open, its time is over (then it is taken back), or the boot cannot be provided for.
  package func confirmOpen() throws(TuningError) -> (record: ChangeRecord, others: [Untrusted]) {
    let lock = try locked()
    defer { withExtendedLifetime(lock) {} }
    guard let record = try open() else { return try confirmAgain() }
    guard !record.isVoid else {
      takeBack(record, .restarted)
      throw .ended("the host was restarted since: nothing to confirm", "The restart took it back.")
    }
    guard record.command == .apply else {
      throw .busy(
        "a trial is running: nothing to confirm",
        "It ends by itself; polltrace revert ends it now.")
    }
    guard record.left > .zero else {
      let words = takeBack(record, .timedOut).restoration.words
      throw .ended(
        "too late: the change was taken back", words.isEmpty ? nil : words.joined(separator: "\n  ")
      )
    }
    let others = record.others(root: root)
    try confirm(record)
    return (record, others)
  }

  /// A change that was confirmed, but was not set at each boot as it was to be.
  private func confirmAgain() throws(TuningError) -> (record: ChangeRecord, others: [Untrusted]) {
    for target in Target.Name.allCases {
      guard let record = try confirmed(target), record.persists, record.persisted.isEmpty,
        !record.isVoid
      else { continue }
      try persist(record)
      return (record, record.others(root: root))
    }
    throw .ended("no change is open", ended.map { "The last one: \($0.summary.terminal)." })
  }

  /// Ends the change `record`, whose lock is held, with what is set now.
  func confirm(_ record: ChangeRecord) throws(TuningError) {
    try rename(Self.change, to: Self.confirmed(record.target))
    Guards.dismiss(record)
    SystemLog.note("\(record.command.rawValue) of \(Untrusted(record.by).terminal) confirmed")
    if record.persists { try persist(record) }
  }

  /// Takes back the open change; where none is open, the last confirmed one, with what sets it at each boot.
  ///
  /// - Throws: where there is none, or something could not be restored.
  package func revertLast() throws(TuningError) -> Ending {
    let lock = try locked()
    defer { withExtendedLifetime(lock) {} }
    if let record = try open() {
      let ending = takeBack(record, record.isVoid ? .restarted : .reverted)
      try ending.check()
      return ending
    }
    guard let record = try lastConfirmed() else {
      throw .ended(
        "there is nothing to revert", ended.map { "The last change: \($0.summary.terminal)." })
    }
    return try revert(confirmed: record)
  }

  private func revert(confirmed record: ChangeRecord) throws(TuningError) -> Ending {
    let left = try unpersist(record)
    // After a restart the values are those that the boot set: this change's, or another's.
    var restoration = record.restore(root: root)
    restoration.files = left
    let ending = Ending(change: record, how: .reverted, at: Records.now, restoration: restoration)
    try ending.check()
    remove(Self.confirmed(record.target))
    if !record.persisted.isEmpty {
      try Self.lasting(root: root).remove(Self.confirmed(record.target))
    }
    try? store(Self.ended, ending)
    SystemLog.note(ending.line)
    return ending
  }

  /// The confirmed change that was made last and still holds.
  package func lastConfirmed() throws(TuningError) -> ChangeRecord? {
    var found: [ChangeRecord] = []
    for target in Target.Name.allCases {
      if let record = try confirmed(target), !record.isVoid {
        found.append(record)
      } else if let lasting = try? Self.lasting(root: root),
        let record = try lasting.confirmed(target)
      {
        found.append(record)
      }
    }
    return found.max { $0.began < $1.began }
  }
}

extension Ending {
  /// In a few words, without what was left alone.
  package var summary: Untrusted {
    "\(change.command.rawValue) of \(Untrusted(change.by)), \(how.rawValue) at \(Untrusted(at))"
  }

  /// - Throws: where something was not restored.
  fileprivate func check() throws(TuningError) {
    guard restoration.failed.isEmpty else {
      throw .failed(restoration.words.joined(separator: "\n  "), "Try again: polltrace revert.")
    }
  }
}

extension ChangeRecord {
  /// What does not have the value that this change set: sentences.
  package func others(root: String) -> [Untrusted] {
    let target = Target(target, root: root)
    return target.parameters.compactMap { parameter in
      guard before[parameter.name] != nil else { return nil }
      guard let value = try? target.value(of: parameter) else {
        return "\(parameter.name) cannot be read"
      }
      return isOurs(value, parameter.name)
        ? nil : "\(parameter.name) is \(parameter.text(value)): somebody else has set it"
    }
  }
}
