/// What stands before the pages (trace-cmd.dat.v6.5).
enum Header {
  static func bytes(cpus: Int, hasScheduler: Bool) -> [UInt8] {
    var header = formats(hasScheduler: hasScheduler) + bytes(UInt32(cpus))
    header += text("options  \0")
    header += option(5, "Linux mill 6.18.0 x86_64") + option(4, "local global [mono] boot")
    return header + bytes(UInt16(0)) + text("flyrecord\0")
  }

  /// The formats of the events, as a perf.data has them, too.
  static func formats(hasScheduler: Bool) -> [UInt8] {
    var header: [UInt8] = [0x17, 0x08, 0x44] + text("tracing") + text("6\0") + [0, 8]
    header += bytes(UInt32(4_096))
    header += text("header_page\0") + sized(page) + text("header_event\0") + sized(event)
    header += bytes(UInt32(0)) + bytes(UInt32(hasScheduler ? 2 : 1))
    header += text("kvm\0") + bytes(UInt32(2)) + sized(wakeup) + sized(decision)
    if hasScheduler {
      header += text("sched\0") + bytes(UInt32(2)) + sized(waking) + sized(switched)
    }
    return header + bytes(UInt32(0)) + bytes(UInt32(0)) + bytes(UInt64(0))
  }

  static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
  private static func sized(_ content: String) -> [UInt8] {
    bytes(UInt64(content.utf8.count)) + text(content)
  }
  private static func option(_ id: UInt16, _ content: String) -> [UInt8] {
    bytes(id) + bytes(UInt32(content.utf8.count + 1)) + text(content + "\0")
  }

  private static let page = """
    \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
    \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
    \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
    \tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;

    """
  private static let event = """
    # compressed entry header
    \ttype_len    :    5 bits
    \ttime_delta  :   27 bits
    \tarray       :   32 bits

    """
  private static let common = """
    format:
    \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
    \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
    \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
    \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;


    """
  private static let wakeup = """
    name: kvm_vcpu_wakeup
    ID: 41
    \(common)\tfield:__u64 ns;\toffset:8;\tsize:8;\tsigned:0;
    \tfield:bool waited;\toffset:16;\tsize:1;\tsigned:0;
    \tfield:bool valid;\toffset:17;\tsize:1;\tsigned:0;

    print fmt: "%s time %lld ns, polling %s", REC->waited ? "wait" : "poll", REC->ns, REC->valid ? "valid" : "invalid"

    """
  private static let decision = """
    name: kvm_halt_poll_ns
    ID: 31
    \(common)\tfield:bool grow;\toffset:8;\tsize:1;\tsigned:0;
    \tfield:unsigned int vcpu_id;\toffset:12;\tsize:4;\tsigned:0;
    \tfield:unsigned int new;\toffset:16;\tsize:4;\tsigned:0;
    \tfield:unsigned int old;\toffset:20;\tsize:4;\tsigned:0;

    print fmt: "vcpu %u: halt_poll_ns %u (%s %u)", REC->vcpu_id, REC->new, REC->grow ? "grow" : "shrink", REC->old

    """
  private static let waking = """
    name: sched_waking
    ID: 331
    \(common)\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;
    \tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;
    \tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;
    \tfield:int target_cpu;\toffset:32;\tsize:4;\tsigned:1;

    print fmt: "comm=%s pid=%d prio=%d target_cpu=%03d", REC->comm, REC->pid, REC->prio, REC->target_cpu

    """
  private static let switched = """
    name: sched_switch
    ID: 327
    \(common)\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;
    \tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;
    \tfield:int prev_prio;\toffset:28;\tsize:4;\tsigned:1;
    \tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;
    \tfield:char next_comm[16];\toffset:40;\tsize:16;\tsigned:0;
    \tfield:pid_t next_pid;\toffset:56;\tsize:4;\tsigned:1;
    \tfield:int next_prio;\toffset:60;\tsize:4;\tsigned:1;

    print fmt: "prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%ld ==> next_comm=%s next_pid=%d next_prio=%d", REC->prev_comm, REC->prev_pid, REC->prev_prio, REC->prev_state, REC->next_comm, REC->next_pid, REC->next_prio

    """
}
