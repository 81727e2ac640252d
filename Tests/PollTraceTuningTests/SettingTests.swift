import PollTrace
import Testing

@testable import PollTraceTuning

@Suite struct `A list of settings` {
  let host = Target(.host)
  let guest = Target(.guest)

  @Test func `takes times, short names and those of the files`() throws {
    let setting = try Setting(list: "halt_poll_ns=200us,halt_poll_ns_grow=4,shrink=0", for: host)
    #expect(
      setting.values == [
        "halt_poll_ns": 200_000, "halt_poll_ns_grow": 4, "halt_poll_ns_shrink": 0,
      ])
    #expect(setting.list(for: host) == "halt_poll_ns=200000,grow=4,shrink=0")
    let other = try Setting(list: "guest_halt_poll_ns=50000,allow_shrink=N", for: guest)
    #expect(
      other.values == ["guest_halt_poll_ns": 50_000, "guest_halt_poll_allow_shrink": 0])
    #expect(other.list(for: guest) == "guest_halt_poll_ns=50000,allow_shrink=N")
  }

  @Test(arguments: [
    ("halt_poll_ns", "not NAME=VALUE"), ("halt_poll_ns=200xs", "for example 200us"),
    ("halt_poll_ns=200ms", "from 0 to 10 ms"), ("grow=401", "from 0 to 400"),
    ("grow=2us", "whole number"), ("allow_shrink=Y", "is none of"), ("", "no parameter"),
    ("grow=1,grow=2", "twice"), ("halt_poll_ns=-1", "from 0 to 10 ms"),
    ("guest_halt_poll_ns=1", "--target host"),
  ])
  func `is refused, with what is wrong`(list: String, words: String) {
    let error = #expect(throws: TuningError.self) { try Setting(list: list, for: host) }
    #expect(error?.kind == .usage)
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func `names files that this machine's kernel has`() throws {
    for target in [host, guest] {
      guard let setting = try? target.current() else { continue }
      #expect(setting.values.count == target.parameters.count)
    }
  }
}

@Suite struct `The order of writing` {
  /// Values that matter: off, small, great; for a flag its two.
  private static func values(_ parameter: Parameter) -> [UInt32] {
    parameter.kind == .allowance ? [0, 1] : [0, 1, 2, 50_000]
  }

  private static func settings(_ parameters: ArraySlice<Parameter>) -> [[String: UInt32]] {
    guard let first = parameters.first else { return [[:]] }
    return settings(parameters.dropFirst()).flatMap { rest in
      values(first).map { rest.merging([first.name: $0]) { own, _ in own } }
    }
  }

  /// Three parameters of each kind of path are enough to see each order.
  @Test(arguments: [Target(.host), Target(.guest)])
  func `has no mixture that polls more than both ends`(target: Target) {
    let parameters = Array(target.parameters.suffix(3)) + [target.ceiling]
    let all = Self.settings(Set(parameters).sorted { $0.name < $1.name }[...]).map(Setting.init)
    for before in all {
      for after in all {
        var now = before
        for (parameter, value) in Steps.from(before, to: after, of: target) {
          now.values[parameter.name] = value
          let ranks = { (setting: Setting) in
            setting.named(of: target).map { $0.parameter.rank($0.value) }
          }
          let (mixed, old, new) = (ranks(now), ranks(before), ranks(after))
          let polledMore =
            zip(mixed, old).contains { $0 > $1 } && zip(mixed, new).contains { $0 > $1 }
          if polledMore {
            Issue.record("\(before.values) → \(now.values) → \(after.values)")
            return
          }
        }
        if now != after { Issue.record("\(before.values) does not become \(after.values)") }
      }
    }
  }

  @Test func `lowers the longest interval first and raises it last`() throws {
    let target = Target(.host)
    let low = try Setting(list: "halt_poll_ns=0,grow=2,grow_start=10us,shrink=2", for: target)
    let high = try Setting(list: "halt_poll_ns=200us,grow=4,grow_start=50us,shrink=1", for: target)
    #expect(
      Steps.from(high, to: low, of: target).map(\.parameter.short) == [
        "halt_poll_ns", "grow_start", "grow", "shrink",
      ])
    #expect(
      Steps.from(low, to: high, of: target).map(\.parameter.short) == [
        "shrink", "grow", "grow_start", "halt_poll_ns",
      ])
  }
}
