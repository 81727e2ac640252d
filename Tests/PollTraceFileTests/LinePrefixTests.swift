import Testing

@testable import PollTraceFile

@Suite struct `What stands before a line` {
  @Test(
    arguments: [
      ("host-a:", "host-a"), ("a.dat: ", "a.dat"), ("trace.txt:12:", "trace.txt"),
      ("web_1  | ", "web_1"), ("[pod/host-a/trace] ", "pod/host-a/trace]"),
      ("Nov 30 01:02:03 host-a tracer[12]: ", "host-a tracer"),
      ("2026-11-30T01:02:03.4+01:00 host-a ", "host-a"), ("node-12 ", "node-12"),
    ])
  func `names a place`(prefix: String, place: String) {
    #expect(LinePrefix.place(prefix) == place)
  }

  @Test(arguments: [
    "", "  ", "> ", "12:", "[   12.345678] ", "[   12.345678][ T4711] ", "<6>[ 1.2] ",
    "1764464523.1 ",
    "2026-11-30T01:02:03Z ", "[Mon Nov 30 01:02:03 2026] ", "nsecs=12 comm=",
  ])
  func `names none`(prefix: String) {
    #expect(LinePrefix.place(prefix) == nil)
  }

  @Test(
    arguments: [
      ("root@host-a:~# cat trace", "host-a"), ("[root@host-a ~]# cat trace", "host-a"),
      ("me@laptop:/tmp$ ssh host-a", "laptop"), ("me@example.org wrote:", nil),
      ("CPU 0/KVM-4711 [000]", nil), ("@ host # ", nil),
    ] as [(String, String?)])
  func `is a prompt`(line: String, host: String?) {
    #expect(LinePrefix.promptHost(line).map { String($0) } == host)
  }
}
