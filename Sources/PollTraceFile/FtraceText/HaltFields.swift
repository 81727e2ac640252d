internal import PollTrace

/// The two events of a halt field by field, by the names that the kernel gives the fields.
///
/// linux include/trace/events/kvm.h, `kvm_vcpu_wakeup` and `kvm_halt_poll_ns` of arch/x86/kvm/trace.h: `valid` is
/// there since 4.7.
enum HaltFields {
  private static let wakeup = [Word("ns"), Word("waited"), Word("valid")]
  private static let decision = [Word("grow"), Word("vcpu_id"), Word("new"), Word("old")]

  /// Takes the fields from `start` to `end` into `event`; false where they are not all there.
  ///
  /// `leavesZerosOut` says whether those that are 0 are not printed.
  static func read(
    _ name: EventText.Name, _ text: Bytes, _ start: Int, _ end: Int, leavesZerosOut: Bool,
    _ event: inout Event
  ) -> Bool {
    switch name {
    case .wakeup:
      let values = values(of: wakeup, text, start, end, missing: leavesZerosOut ? 0 : nil)
      guard let values, let block = values[0], let slept = values[1] else { return false }
      event.what = .wakeup
      event.value = block
      event.flag = slept != 0
      event.number = values[2] == nil ? 0 : 1
      event.isValid = values[2] != 0
      return true
    case .decision:
      let values = values(of: decision, text, start, end, missing: leavesZerosOut ? 0 : nil)
      guard let values, let grow = values[0], let vcpu = values[1], let new = values[2],
        let old = values[3]
      else { return false }
      event.what = .decision
      event.isValid = true
      event.flag = grow != 0
      return DecisionText.set(&event, vcpu, new, old)
    case .waking, .switched, .guestDecision, .idle: return false
    }
  }

  /// What they are called, for messages.
  static let names = "ns, waited, valid; grow, vcpu_id, new, old"

  /// Where the first field of `name` begins behind `start`: `ns=` or `ns:`, and so on; nil where there is none.
  static func begin(_ name: EventText.Name, _ text: Bytes, _ start: Int, _ end: Int) -> Int? {
    let words = name == .wakeup ? wakeup : decision
    var place = start
    while place < end {
      if EventText.ends(text, place - 1, end),
        let word = words.first(where: { text.has($0, at: place) })
      {
        var sign = place + word.count
        text.skipSpaces(&sign, below: end)
        if text.byte(sign) == 0x3d || text.byte(sign) == 0x3a { return place }
      }
      place += 1
    }
    return nil
  }

  /// The values of the fields called `words`, `missing` for those that are not there; nil where one is cut.
  private static func values(
    of words: [Word], _ text: Bytes, _ start: Int, _ end: Int, missing: UInt64?
  ) -> [UInt64?]? {
    var fields = FieldText(text, start, end)
    var values = [UInt64?](repeating: missing, count: words.count)
    while let field = fields.next() {
      if let place = words.firstIndex(where: field.isCalled) { values[place] = field.value }
    }
    return fields.isWhole ? values : nil
  }
}
