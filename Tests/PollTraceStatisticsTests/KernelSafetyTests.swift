import Testing

@testable import PollTraceStatistics

@Suite struct `A kernel` {
  @Test(
    arguments: [
      ("6.5.0", "#1 SMP", nil, true), ("6.18.44-fc-v857", "#1 SMP PREEMPT_DYNAMIC @0", nil, true),
      ("7.2.0", "#1", nil, true), ("6.5.0-rc3", "#1", nil, false), ("6.4.7", "#1", nil, false),
      ("6.4.8", "#1", nil, true), ("6.1.42", "#1", nil, false), ("6.1.43", "#1", nil, true),
      ("5.15.123", "#1", nil, false), ("5.15.124", "#1", nil, true), ("6.2.16", "#1", nil, false),
      ("5.14.0-427.el9.x86_64", "#1 SMP", nil, false), ("nonsense", "", nil, false),
      ("", "", nil, false),
      ("6.1.0-18-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)", nil, true),
      ("6.1.0-10-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.38-2 (2023-07-27)", nil, false),
      ("6.1.0-10-amd64", "#1 SMP Debian", nil, false),
      ("5.15.0-91-generic", "#101-Ubuntu SMP", "Ubuntu 5.15.0-91.101-generic 5.15.131", true),
      ("5.15.0-60-generic", "#66-Ubuntu SMP", "Ubuntu 5.15.0-60.66-generic 5.15.78", false),
    ] as [(String, String, String?, Bool)])
  func `keeps a VM whose statistics are open where it is known to have the fix`(
    release: String, version: String, signature: String?, keeps: Bool
  ) {
    #expect(
      KernelSafety.keepsVMs(release: release, version: version, signature: signature) == keeps)
  }
}
