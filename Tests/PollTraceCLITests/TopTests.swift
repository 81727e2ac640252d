import Testing

@testable import PollTrace
@testable import PollTraceCLI

@Suite struct `What top is asked for` {
  @Test(
    arguments: [
      ("wasted>10%", RowCondition(.wasted, .above, 0.1)),
      ("polls_failed > 1000/s", RowCondition(.failedPolls, .above, 1_000)),
      ("p99>200us", RowCondition(.longWait, .above, 200_000)),
      ("polled<0.5%", RowCondition(.polled, .below, 0.005)),
      ("halts>2e3", RowCondition(.halts, .above, 2_000)),
      ("window<10us", RowCondition(.window, .below, 10_000)),
    ])
  func `is a condition`(text: String, condition: RowCondition) throws {
    #expect(try RowCondition(text) == condition)
  }

  @Test(
    arguments: [
      (["--on", "wasted"], "--on wasted: has neither > nor <; for example wasted>10%"),
      (["--on", "load>3"], "--on load>3: 'load' is none of halts, polled, poll_ok, wasted"),
      (["--on", "wasted>10"], "'10' is not a percentage; for example wasted>10%"),
      (["--on", "wasted>-1%"], "'-1%' is not a percentage"),
      (["--on", "p99>200"], "'200' is not a length of time; for example p99>200us"),
      (["--on", "p99>us"], "'us' is not a length of time"),
      (["--on", "halts>many"], "'many' is not a number a second; for example halts>1000/s"),
      (["--on", "window>1us"], "counters do not tell window; add --source trace"),
    ])
  func `is refused with what would be right`(arguments: [String], words: String) throws {
    let run = try Run(["top", "--record", "/tmp/never.dat"] + arguments)
    #expect(run.status == 64)
    #expect(run.error.contains(words), "\(run.error)")
  }

  @Test(
    arguments: [
      (["--on", "wasted>1%"], "name the trace to record then with --record FILE"),
      (["--record", "t.dat"], "say when with --on CONDITION"),
      (["--duration", "5"], "--duration: is that of --on and --record"),
      (["--on", "wasted>1%", "--record", "-"], "--record -: name a file"),
      (["--source", "guess"], "--source"),
      (
        ["--on", "wasted>1%", "--record", "t.dat", "--duration", "0"],
        "--duration 0: not a length of time"
      ),
    ])
  func `is whole, or refused`(arguments: [String], words: String) throws {
    let run = try Run(["top"] + arguments)
    #expect(run.status == 64)
    #expect(run.error.contains(words), "\(run.error)")
  }

  @Test func `is not begun where the trace could not be written`() throws {
    let run = try Run(["top", "--on", "wasted>1%", "--record", "/nowhere/t.dat"])
    #expect(run.status == 1)
    #expect(run.error.contains("/nowhere/t.dat: cannot be written: No such file or directory"))
  }
}
