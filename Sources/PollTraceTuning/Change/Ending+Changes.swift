import PollTrace

/// Ends of changes; whoever calls these holds the lock.
extension StateFolder {
  /// Takes the open change `record` back: its values, and what is written down of it.
  ///
  /// What could not be restored stays written down, so that it can be tried again.
  @discardableResult
  func takeBack(_ record: ChangeRecord, _ how: Ending.How, isLogged: Bool = true) -> Ending {
    let restoration = record.isVoid ? Restoration() : record.restore(root: root)
    let ending = Ending(change: record, how: how, at: Records.now, restoration: restoration)
    if restoration.failed.isEmpty {
      remove(Self.change)
      // Only words for `status`: where there is no room for them, the values are right all the same.
      try? store(Self.ended, ending)
      Guards.dismiss(record)
    }
    if isLogged || restoration.failed.isEmpty { SystemLog.note(ending.line) }
    return ending
  }

  /// Takes an open change of an earlier boot, or one whose time is over without its guard, out of the way.
  ///
  /// - Throws: where one is open and in its time.
  func clear() throws(TuningError) {
    guard let record = try open() else { return }
    if record.isVoid {
      takeBack(record, .restarted)
      return
    }
    guard record.left == .zero else {
      throw .busy(
        "a change of \(Untrusted(record.by).terminal)'s is open (\(record.command.rawValue), "
          + "since \(Untrusted(record.began).terminal))",
        "See polltrace status; end it with polltrace confirm or polltrace revert.")
    }
    guard takeBack(record, .timedOut).restoration.failed.isEmpty else {
      throw .failed("an earlier change could not be taken back", "See polltrace status.")
    }
  }
}

extension Ending {
  /// What happened, for the log.
  var line: String {
    var parts = ["\(change.command.rawValue) of \(Untrusted(change.by).terminal) \(how.rawValue)"]
    if !restoration.restored.isEmpty {
      parts.append(
        "restored "
          + restoration.restored.map {
            "\($0)=\(change.before[$0] ?? 0)"
          }.joined(separator: " "))
    }
    parts += restoration.words
    return parts.joined(separator: "; ")
  }
}

extension Restoration {
  /// What was not restored and why, a part each.
  package var words: [String] {
    leftAlone.sorted { $0.key < $1.key }.map { name, value in
      value.map { "\(Untrusted(name).terminal) left alone: somebody else has set it to \($0)" }
        ?? "\(Untrusted(name).terminal) left alone: its file is gone"
    }
      + failed.sorted { $0.key < $1.key }.map {
        "\(Untrusted($0.key).terminal) NOT restored: \(Untrusted($0.value).terminal)"
      } + files
  }
}
