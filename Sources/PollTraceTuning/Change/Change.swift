package import PollTrace
import PollTraceCapture

/// An open change of a target's parameters.
///
/// From `open` on it is on the disk what the values were, and a guard that is not this process restores them when
/// `confirmWithin` has passed without `extend`, `keep` or `close`. Each call takes the lock for itself, and throws
/// `.ended` where the change was taken back meanwhile: by its guard, or by `polltrace revert`.
package final class Change {
  package let target: Target
  package let state: StateFolder
  package private(set) var record: ChangeRecord
  /// What the parameters are, unless somebody else has set them.
  package private(set) var setting: Setting

  private init(_ plan: ChangePlan, _ record: ChangeRecord, _ state: StateFolder) {
    (target, self.record, self.state) = (plan.target, record, state)
    setting = Setting(record.before)
  }

  /// Opens the change: writes it down, durably, and starts its guard.
  ///
  /// Nothing is set yet.
  ///
  /// - Throws: where another change is open, the plan cannot work on this machine, it cannot be written down, or no
  ///   guard can be had. Then nothing was set.
  package static func open(_ plan: ChangePlan) throws(TuningError) -> Change {
    let state = try StateFolder(root: plan.target.root)
    let lock = try state.locked()
    defer { withExtendedLifetime(lock) {} }
    try state.clear()
    let current = try plan.target.current()
    try plan.check(over: current)
    let record = plan.record(over: current)
    try state.store(StateFolder.change, record)
    do throws(TuningError) {
      try Guards.start(record, root: plan.target.root, program: plan.program)
    } catch {
      state.remove(StateFolder.change)
      throw error
    }
    SystemLog.note(record.line)
    return Change(plan, record, state)
  }

  /// Sets `setting`, one of the plan's (or a mixture of its values), with the values of before for the names that it
  /// lacks; each write is read back.
  ///
  /// - Throws: `.changedByOthers` where a parameter does not have the value that was set last, before anything is
  ///   written; `.ended`; `.failed` where a write fails or reads otherwise: then some are written. The caller closes
  ///   the change, or lets its guard do so.
  package func set(_ setting: Setting) throws(TuningError) {
    let lock = try inHand()
    defer { withExtendedLifetime(lock) {} }
    let now = try target.current().only(self.setting.values.keys)
    try refuseOthers(now)
    let goal = setting.over(Setting(record.before))
    for (parameter, value) in Steps.from(now, to: goal, of: target) {
      guard record.isOurs(value, parameter.name) else {
        throw .usage("\(parameter.name)=\(value) is not part of this change", nil)
      }
      let found = try target.value(of: parameter)
      try refuseOthers(Setting([parameter.name: found]))
      try target.write(value, to: parameter)
      self.setting.values[parameter.name] = value
    }
  }

  /// Lets the change stay open for `length` from now, or as long as it may anyway where that is longer.
  ///
  /// - Throws: `.ended`, or where that cannot be written down.
  package func extend(by length: Nanoseconds) throws(TuningError) {
    let lock = try inHand()
    defer { withExtendedLifetime(lock) {} }
    record.deadline = max(record.deadline, Boot.now.plus(length.rawValue))
    try state.store(StateFolder.change, record)
  }

  /// Looks whether all parameters are as they were set last.
  ///
  /// - Throws: `.changedByOthers` where one is not; where one cannot be read.
  package func check() throws(TuningError) {
    try refuseOthers(try target.current().only(setting.values.keys))
  }

  /// Restores the values of before and ends the change.
  ///
  /// What somebody else has set is left alone and named.
  ///
  /// - Throws: `.ended`. Where a value could not be restored, the change stays open for its guard.
  package func close() throws(TuningError) -> Restoration {
    let lock = try inHand(evenLate: true)
    defer { withExtendedLifetime(lock) {} }
    return state.takeBack(record, .takenBack).restoration
  }

  /// Ends the change with what is set now, as `polltrace confirm` does.
  ///
  /// - Throws: `.ended`.
  package func keep() throws(TuningError) {
    let lock = try inHand()
    defer { withExtendedLifetime(lock) {} }
    try state.confirm(record)
  }

  /// The lock, if the change is still open.
  private func inHand(evenLate: Bool = false) throws(TuningError) -> StateLock {
    let lock = try state.locked()
    guard let found = try state.open(), found.id == record.id else {
      let ending = state.ended.flatMap { $0.change.id == record.id ? $0.how.rawValue : nil }
      throw .ended("the change is no longer open: \(ending ?? "confirmed, or ended")", nil)
    }
    record = found
    guard evenLate || record.left > .zero else {
      throw .ended("the time of the change is over", "Its guard takes it back.")
    }
    return lock
  }

  /// - Throws: where a value of `now` is not what was set last.
  private func refuseOthers(_ now: Setting) throws(TuningError) {
    let foreign = now.named(of: target).filter { setting.values[$0.parameter.name] != $0.value }
    guard !foreign.isEmpty else { return }
    let words = foreign.map { "\($0.parameter.name) is \($0.parameter.text($0.value))" }
    throw TuningError(
      .changedByOthers, "somebody else has set " + words.joined(separator: ", "),
      "It is left alone.")
  }
}

extension ChangeRecord {
  /// What is about to be set, for the log.
  var line: String {
    let target = Target(self.target)
    let changes = settings.map { setting in
      Setting(before).named(of: target).filter { setting[$0.parameter.name] != $0.value }.map {
        "\($0.parameter.name) \($0.parameter.text($0.value)) to "
          + $0.parameter.text(setting[$0.parameter.name] ?? $0.value)
      }.joined(separator: ", ")
    }
    return "\(command.rawValue) by \(Untrusted(by).terminal): \(changes.joined(separator: " | ")); "
      + "\(Untrusted(reason).terminal); taken back after "
      + "\(confirmWithin / 1_000_000_000) s unless confirmed"
  }
}
