internal import PerfettoTrace

/// The names that a timeline's packets refer to by number, the same in every sequence.
enum TimelineNames {
  /// Whose times are shown: a host's vCPUs or a guest's CPUs.
  enum Side { case host, guest }

  /// What a slice or an instant is called.
  enum Event: UInt64, CaseIterable {
    case polled = 1
    case waited, abandoned, awake, poll, abandonedPoll, sleep, wakingUp, grow, shrink, wakes
  }

  /// What an argument is called.
  enum Argument: UInt64, CaseIterable {
    case block_ns = 1
    case window_before_ns, window_after_ns, cpu, valid, poll_ns, is_measured, wake_latency_ns, waker
    case waker_tid, old_ns, new_ns, reason
  }

  /// What an argument says in words.
  enum Word: UInt64, CaseIterable {
    case interrupt = 1
    case taskOnSameCPU, taskElsewhere, shortHalt, longHalt, invalidWakeup
  }

  /// All of them; a vCPU's own waking is called after `vcpu`.
  static func interned(of vcpu: String, _ side: Side) -> PerfettoInternedData {
    var data = PerfettoInternedData()
    data.eventNames = Event.allCases.map { event in
      var name = PerfettoEventName()
      name.iid = event.rawValue
      name.name = text(of: event, vcpu, side)
      return name
    }
    data.debugAnnotationNames = Argument.allCases.map { argument in
      var name = PerfettoDebugAnnotationName()
      name.iid = argument.rawValue
      name.name = side == .guest && argument == .block_ns ? "idle_ns" : "\(argument)"
      return name
    }
    data.debugAnnotationStringValues = Word.allCases.map { word in
      var string = PerfettoInternedString()
      string.iid = word.rawValue
      string.str.append(contentsOf: text(of: word, side).utf8)
      return string
    }
    return data
  }

  private static func text(of event: Event, _ vcpu: String, _ side: Side) -> String {
    switch event {
    case .polled: "polled"
    case .waited: side == .guest ? "halted" : "waited"
    case .abandoned: "waited, poll abandoned"
    case .awake: "woken at once"
    case .poll: "poll"
    case .abandonedPoll: "poll, abandoned"
    case .sleep: side == .guest ? "halt" : "sleep"
    case .wakingUp: "waking up"
    case .grow: "grow"
    case .shrink: "shrink"
    case .wakes: "wakes \(vcpu)"
    }
  }

  private static func text(of word: Word, _ side: Side) -> String {
    switch word {
    case .interrupt: "interrupt"
    case .taskOnSameCPU: "task on the same CPU"
    case .taskElsewhere: "task elsewhere"
    case .shortHalt:
      side == .guest
        ? "a halt no longer than guest_halt_poll_ns, longer than the limit"
        : "a halt shorter than the ceiling, longer than the window"
    case .longHalt:
      side == .guest
        ? "a halt longer than guest_halt_poll_ns" : "a halt longer than the ceiling"
    case .invalidWakeup: "a wake-up for another vCPU"
    }
  }
}
