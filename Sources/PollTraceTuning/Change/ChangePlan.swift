package import PollTrace

/// What a change is to do, and why.
package struct ChangePlan: Sendable {
  package var target: Target
  /// All that it may set, one after the other; a name that one lacks has its value of before.
  package var settings: [Setting]
  package var command: ChangeRecord.Command
  /// A sentence for the log and for `status`: the recommendation and its predicted range.
  package var reason: Untrusted
  /// How long it may stay without being confirmed or extended; at least a second.
  package var confirmWithin: Nanoseconds
  /// Whether it is also set at each boot, once it is confirmed.
  package var persists = false
  /// Whether it is also made where it reaches no VM that runs now.
  package var isForced = false
  /// The program that has the command `guard`; nil for this one.
  package var program: OSString?

  package init(
    _ target: Target, _ settings: [Setting], by command: ChangeRecord.Command,
    because reason: Untrusted,
    within: Nanoseconds
  ) {
    (self.target, self.settings, self.command) = (target, settings, command)
    (self.reason, confirmWithin) = (reason, within)
  }
}

extension ChangePlan {
  /// The record of this change, made now over the values `current`.
  func record(over current: Setting) -> ChangeRecord {
    let before = current.only(settings.flatMap(\.values.keys))
    return ChangeRecord(
      id: Records.newID, command: command, target: target.name, boot: Boot.id,
      before: before.values, settings: settings.map { $0.over(before).values },
      by: Program.user, reason: reason.unescaped, began: Records.now,
      confirmWithin: confirmWithin.rawValue, deadline: Boot.now.plus(confirmWithin.rawValue),
      guardedBy: Guards.usable(root: target.root), persists: persists)
  }
}
