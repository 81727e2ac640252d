import Fixtures
import Foundation
import Testing

private func figures(of name: String) throws -> [String: Any] {
  let run = try Run(["report", "--format", "json", Fixtures.guest(name)])
  return try #require(
    JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
}

@Suite struct `A guest's recording` {
  @Test(arguments: Fixtures.guests)
  func `is a page with each picture, its words and its table`(name: String) throws {
    let run = try Run(["report", "--format", "html", Fixtures.guest(name)])
    #expect([0, 2].contains(run.status), "\(run.error)")
    let pictures = run.output.components(separatedBy: "<figure ").dropFirst()
    // Poll CPU, lengths, a limit a CPU, lengths over time; settings and the fit where there was enough.
    #expect(pictures.count >= 4)
    for picture in pictures {
      let picture = picture.components(separatedBy: "</figure>")[0]
      #expect(picture.contains("<title id=") && picture.contains("<tbody><tr"))
    }
    for words in ["Which CPUs poll", "guest_halt_poll_ns", "idle times by length", "poll limit"] {
      #expect(run.output.contains(words), "\(words)")
    }
    for word in ["vCPU", "NaN", "inf<", "halt_poll_ns_shrink"] {
      #expect(!run.output.contains(word), "\(word)")
    }
  }

  @Test(arguments: Fixtures.guests)
  func `has a row an idle time as CSV`(name: String) throws {
    let run = try Run(["export", "--to", "csv", Fixtures.guest(name)])
    #expect([0, 2].contains(run.status), "\(run.error)")
    var lines = run.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let columns = lines.removeFirst()
    func place(_ name: String) throws -> Int { try #require(columns.firstIndex(of: name)) }
    let total = try #require(figures(of: name)["total"] as? [String: Any])
    let count = { (key: String) in (total[key] as? Int) ?? -1 }
    #expect(lines.count == count("idles"))
    let (ending, decision, poll) = (
      try place("ending"), try place("decision"), try place("poll_ns")
    )
    #expect(lines.count { $0[ending] == "polled" } == count("polled"))
    #expect(lines.count { $0[ending] == "halted" } == count("halted"))
    #expect(lines.count { $0[decision] == "grow" } == count("grows"))
    #expect(lines.count { $0[decision] == "shrink" } == count("shrinks"))
    #expect(
      lines.reduce(0) { $0 + (Int($1[poll]) ?? 0) }
        == count("poll_success_ns") + count("poll_fail_ns"))
    let (idle, woke, began) = (try place("idle_ns"), try place("woke_ns"), try place("began_ns"))
    for line in lines {
      let numbers = [woke, began, idle].map { Int(line[$0]) ?? -1 }
      #expect(numbers[0] - numbers[1] == numbers[2])
    }
  }

  @Test func `chooses its CPUs, and has no VMs`() throws {
    let one = try Run([
      "report", "--format", "csv", "--vcpu", "0", Fixtures.guest("timer-200us.dat"),
    ])
    #expect(one.output.split(separator: "\n").count == 2)
    for command in [["report"], ["replay"], ["export", "--to", "csv"]] {
      let vm = try Run(command + ["--vm", "web1", Fixtures.guest("timer-200us.dat")])
      #expect(vm.status == 1)
      #expect(vm.error.contains("a guest's own trace has no VMs"))
    }
  }

  @Test func `opens with what to set`() throws {
    let run = try Run(["report", Fixtures.guest("timer-200us.dat")])
    let answer = try Run(["recommend", "--format", "json", Fixtures.guest("timer-200us.dat")])
    let verdict = try #require(
      (JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any])?["verdict"]
        as? String)
    let words = ["change": "SET  ", "keep": "KEEP  ", "none": "NO ANSWER  "]
    #expect(run.output.hasPrefix(try #require(words[verdict])))
    let report = try figures(of: "timer-200us.dat")
    #expect((report["recommendation"] is NSNull) == (verdict == "none"))
  }

  @Test func `beside its own machine's halts is no VM's`() throws {
    let run = try Run([
      "report", "--format", "json", "--no-recommendation", Fixtures.trace("exponential.dat"),
      Fixtures.guest("timer-200us.dat"),
    ])
    let body = try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let sides = try #require((body["both_sides"] as? [[String: Any]])?.first)
    // Another boot, and a VM without a UUID: there is but one.
    #expect(sides["match"] as? String == "only")
    #expect((sides["clock"] as? [String: Any])?["aligned"] as? Bool == false)
    #expect(sides["timeline"] is NSNull)
    #expect((sides["pairs"] as? [Any])?.isEmpty == false)
  }

  @Test func `beside its host's is a page and an object with both sides over time`() throws {
    let host = try TemporaryFile(Data(GuestAndHost.host))
    let guest = try TemporaryFile(Data(GuestAndHost.guest))
    let both = ["report", host.path, guest.path, "--guest-offset", "\(GuestAndHost.offset)"]
    let page = try Run(both + ["--format", "html"])
    #expect([0, 2].contains(page.status), "\(page.error)")
    for words in [
      "id=\"sides-0\"", "UUID is the guest", "halts of the host end where one of the guest does",
      "polling would cost", "id=\"guest-window-0\"",
    ] {
      #expect(page.output.contains(words), "\(words)")
    }
    #expect(!page.output.contains("NaN"))
    let object = try Run(both + ["--format", "json"])
    let body = try #require(
      JSONSerialization.jsonObject(with: Data(object.output.utf8)) as? [String: Any])
    let sides = try #require((body["both_sides"] as? [[String: Any]])?.first)
    #expect(sides["match"] as? String == "uuid")
    #expect(sides["polls_now"] as? String == "guest")
    let costs = try #require(sides["costs"] as? [[String: Any]])
    #expect(costs.map { $0["polls"] as? String } == ["guest", "host", "neither"])
    #expect(costs.last?["poll_share"] as? Double == 0)
    let timeline = try #require(sides["timeline"] as? [String: Any])
    let shares = try #require(timeline["guest_poll_share"] as? [Double])
    #expect(shares.count == 60)
    #expect(shares.contains { $0 > 0 })
    // An offset that the halts refute shows nothing over time.
    let wrong = try Run([
      "report", host.path, guest.path, "--guest-offset", "\(GuestAndHost.offset + 350_000)",
      "--no-recommendation",
    ])
    #expect(wrong.output.contains("is wrong: only"))
    #expect(!wrong.output.contains("in common"))
    let text = try Run(["report", host.path, guest.path, "--guest-offset", "soon"])
    #expect(text.status == 64)
  }
}
