import PollTrace

/// Putting back the values of before a change, but for what somebody else has set meanwhile.
extension ChangeRecord {
  /// Restores what has a value that this change may have written, read right before the write.
  func restore(root: String) -> Restoration {
    let target = Target(target, root: root)
    var result = Restoration()
    var now: [String: UInt32] = [:]
    for parameter in target.parameters where before[parameter.name] != nil {
      do throws(TuningError) {
        let value = try target.value(of: parameter)
        if isOurs(value, parameter.name) {
          now[parameter.name] = value
        } else {
          result.leftAlone[parameter.name] = .some(value)
        }
      } catch {
        if target.has(parameter) {
          result.failed[parameter.name] = error.words
        } else {
          result.leftAlone[parameter.name] = .some(nil)
        }
      }
    }
    let goal = Setting(before).only(now.keys)
    let steps = Steps.from(Setting(now), to: goal, of: target)
    for (parameter, value) in steps {
      do throws(TuningError) {
        let found = try target.value(of: parameter)
        guard isOurs(found, parameter.name) else {
          result.leftAlone[parameter.name] = .some(found)
          continue
        }
        try target.write(value, to: parameter)
      } catch { result.failed[parameter.name] = error.words }
    }
    result.restored = target.parameters.map(\.name).filter {
      now[$0] != nil && result.failed[$0] == nil && result.leftAlone[$0] == nil
    }
    return result
  }
}
