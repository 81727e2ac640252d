/// The texts under `events/` of tracefs, for kernels of either size of long.
enum EventFormats {
  static let wakeup: UInt16 = 1_041
  static let decision: UInt16 = 1_031
  static let waking: UInt16 = 331
  static let switched: UInt16 = 327
  static let exit: UInt16 = 1_050
  static let acceptance: UInt16 = 1_047
  static let guestDecision: UInt16 = 552
  static let idle: UInt16 = 568
  static let interrupt: UInt16 = 354

  static func page(_ builder: TraceBuilder) -> String {
    let long = builder.kernelLongSize
    let size = (builder.subBufferSize ?? builder.pageSize) - 8 - long
    return """
      \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
      \tfield: local_t commit;\toffset:8;\tsize:\(long);\tsigned:1;
      \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
      \tfield: char data;\toffset:\(8 + long);\tsize:\(size);\tsigned:0;

      """
  }

  static let event = """
    # compressed entry header
    \ttype_len    :    5 bits
    \ttime_delta  :   27 bits
    \tarray       :   32 bits

    \tpadding     : type == 29
    \ttime_extend : type == 30
    \ttime_stamp : type == 31
    \tdata max type_len  == 28

    """

  /// Events that polltrace skips, spelled in the ways that have upset readers: an array of no
  /// length (bugzilla.kernel.org 210173), bprint's format (217357), CPU masks (217447).
  static let odd = [
    """
    name: bprint
    ID: 6
    format:
    \(common)
    \tfield:unsigned long ip;\toffset:8;\tsize:8;\tsigned:0;
    \tfield:const char * fmt;\toffset:16;\tsize:8;\tsigned:0;
    \tfield:u32 buf[];\toffset:24;\tsize:0;\tsigned:0;

    print fmt: "%ps: %s", (void *)REC->ip, REC->fmt

    """,
    """
    name: sched_mask
    ID: 340
    format:
    \(common)
    \tfield:__data_loc cpumask_t *[] cpus;\toffset:8;\tsize:4;\tsigned:0;
    \tfield:char data[0];\toffset:12;\tsize:0;\tsigned:1;

    print fmt: "cpus=%*pbl", __get_cpumask(cpus)

    """,
  ]

  static let common = """
    \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
    \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
    \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
    \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

    """

  static func kvm(_ builder: TraceBuilder) -> [String] {
    let valid =
      builder.hasValidField ? "\tfield:bool valid;\toffset:17;\tsize:1;\tsigned:0;\n" : ""
    let formats = [
      """
      name: kvm_vcpu_wakeup
      ID: \(wakeup)
      format:
      \(common)
      \tfield:__u64 ns;\toffset:8;\tsize:8;\tsigned:0;
      \tfield:bool waited;\toffset:16;\tsize:1;\tsigned:0;
      \(valid)
      print fmt: "%s time %lld ns", REC->waited ? "wait" : "poll", REC->ns

      """,
      """
      name: kvm_halt_poll_ns
      ID: \(decision)
      format:
      \(common)
      \tfield:bool grow;\toffset:8;\tsize:1;\tsigned:0;
      \tfield:unsigned int vcpu_id;\toffset:12;\tsize:4;\tsigned:0;
      \tfield:unsigned int new;\toffset:16;\tsize:4;\tsigned:0;
      \tfield:unsigned int old;\toffset:20;\tsize:4;\tsigned:0;

      print fmt: "vcpu %u: halt_poll_ns %u (%s %u)", REC->vcpu_id, REC->new, REC->grow ? "grow" : "shrink", REC->old

      """,
    ]
    return (builder.hasWakeupFormat ? [formats[0]] : [])
      + (builder.hasDecisionFormat ? [formats[1]] : [])
      + (builder.exits.isEmpty ? [] : [exit(builder.exitArch)])
      + (builder.hasAcceptFormat ? [accept] : [])
  }

  static let accept = """
    name: kvm_apic_accept_irq
    ID: \(acceptance)
    format:
    \(common)
    \tfield:__u32 apicid;\toffset:8;\tsize:4;\tsigned:0;
    \tfield:__u16 dm;\toffset:12;\tsize:2;\tsigned:0;
    \tfield:__u16 tm;\toffset:14;\tsize:2;\tsigned:0;
    \tfield:__u8 vec;\toffset:16;\tsize:1;\tsigned:0;

    print fmt: "apicid %x vec %u", REC->apicid, REC->vec

    """

  /// `kvm_exit`: what says the reason.
  static func exit(_ arch: TraceBuilder.Exit.Arch) -> String {
    let fields =
      arch == .arm64
      ? "\tfield:unsigned int esr_ec;\toffset:8;\tsize:4;\tsigned:0;"
      : """
      \tfield:unsigned int exit_reason;\toffset:8;\tsize:4;\tsigned:0;
      \tfield:u32 isa;\toffset:12;\tsize:4;\tsigned:0;
      """
    return """
      name: kvm_exit
      ID: \(exit)
      format:
      \(common)
      \(fields)

      print fmt: "exit"

      """
  }

  static func sched(_ builder: TraceBuilder) -> [String] {
    let long = builder.kernelLongSize
    return [
      """
      name: sched_waking
      ID: \(waking)
      format:
      \(common)
      \tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:1;
      \tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;
      \tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;
      \tfield:int target_cpu;\toffset:32;\tsize:4;\tsigned:1;

      print fmt: "comm=%s pid=%d", REC->comm, REC->pid

      """,
      """
      name: sched_switch
      ID: \(switched)
      format:
      \(common)
      \tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:1;
      \tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;
      \tfield:int prev_prio;\toffset:28;\tsize:4;\tsigned:1;
      \tfield:long prev_state;\toffset:32;\tsize:\(long);\tsigned:1;
      \tfield:char next_comm[16];\toffset:\(32 + long);\tsize:16;\tsigned:1;
      \tfield:pid_t next_pid;\toffset:\(48 + long);\tsize:4;\tsigned:1;
      \tfield:int next_prio;\toffset:\(52 + long);\tsize:4;\tsigned:1;

      print fmt: "prev_pid=%d next_pid=%d", REC->prev_pid, REC->next_pid

      """,
    ]
  }
}
