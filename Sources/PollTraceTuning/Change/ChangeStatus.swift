import PollTrace

/// Which change is open, which holds, and how the last one ended.
package struct ChangeStatus: Encodable, Sendable {
  package let schema = "polltrace.status/1"
  package let open: ChangeRecord?
  /// Whether the open change was made before a restart, which took it back.
  package let isVoid: Bool?
  /// How long the open change may still be confirmed, in ns.
  package let left: UInt64?
  /// Whether its guard is at work.
  package let isGuarded: Bool?
  /// What does not have the value that the open change, or else the confirmed one, has set.
  package let others: [String]
  /// The last confirmed change that still holds.
  package let confirmed: ChangeRecord?
  package let last: Ending?

  private enum CodingKeys: String, CodingKey {
    case schema, open, confirmed, last
    case isVoid = "void"
    case left = "left_ns"
    case isGuarded = "guarded"
    case others = "set_by_others"
  }

  /// What is written down on this machine.
  ///
  /// - Throws: where it cannot be read.
  package init(root: String) throws(TuningError) {
    let state = try StateFolder(root: root)
    open = try state.open()
    isVoid = open?.isVoid
    left = open?.left.rawValue
    isGuarded = open.map { Guards.isAtWork($0, in: state) }
    confirmed = try state.lastConfirmed()
    others = (open ?? confirmed).map { $0.others(root: root).map(\.terminal) } ?? []
    last = state.ended
  }

  /// As JSON.
  ///
  /// - Throws: where it cannot be written so.
  package func json() throws(TuningError) -> String {
    String(decoding: try Records.bytes(self), as: UTF8.self)
  }

  /// As text.
  package var text: String {
    var lines: [String] = []
    if let open { lines += open.shown("open") + standing(open) }
    if let confirmed {
      lines += confirmed.shown("confirmed")
      lines += confirmed.persisted.map {
        "  set at each boot by \(Untrusted($0.path).terminal)"
      }
      if confirmed.persists, confirmed.persisted.isEmpty {
        lines.append("  NOT set at the next boot as it was to be: polltrace confirm tries again")
      }
      lines.append("  polltrace revert takes it back")
    }
    lines += others.map { "  \($0)" }
    if let last {
      lines.append("last: \(last.summary.terminal)")
      lines += last.restoration.words.map { "  \($0)" }
    }
    if open == nil { lines.insert("no change is open", at: 0) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func standing(_ open: ChangeRecord) -> [String] {
    if isVoid == true {
      return [
        "  void: the host was restarted since, which took it back; polltrace revert clears this"
      ]
    }
    let seconds = (left ?? 0).plus(999_999_999) / 1_000_000_000
    let who = open.guardedBy == .systemd ? "a timer of systemd" : "a guard process"
    var lines =
      seconds > 0
      ? ["  taken back in \(seconds) s by \(who), unless confirmed"] : ["  its time is over"]
    if isGuarded == false {
      lines.append("  its guard is NOT at work: end it with polltrace confirm or polltrace revert")
    }
    return lines
  }
}

extension ChangeRecord {
  /// What it set, in lines.
  package func shown(_ word: String) -> [String] {
    let target = Target(self.target)
    let changes = settings.map { setting in
      Setting(before).named(of: target).map { parameter, value in
        "\(parameter.short) \(parameter.text(value))"
          + ((setting[parameter.name] ?? value) == value
            ? "" : " → \(parameter.text(setting[parameter.name] ?? value))")
      }.joined(separator: ", ")
    }
    return [
      "\(word): \(command.rawValue) by \(Untrusted(by).terminal) since \(Untrusted(began).terminal)"
    ]
      + changes.map { "  \(self.target.rawValue): \($0)" }
      + ["  why: \(Untrusted(reason).terminal)"]
  }
}
