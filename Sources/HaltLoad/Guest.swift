/// The guest: its program, and where it keeps what in its memory.
///
/// Page 0 holds the interrupt table and the program; page 1 + i belongs to vCPU i: what it counts
/// first, its stack last. The program runs in real mode: DS and SS start at the vCPU's page, FS at
/// its local APIC, so that one offset reaches the register that ends an interrupt.
enum Guest {
  static let page = 4096
  static let vector = 0x40
  static let entry = 0x500
  static let handler = 0x600

  /// Offsets in a vCPU's page.
  static let answered = 0
  static let cycles = 4
  static let port = 8
  /// The counter at the last wake, 64 bits.
  static let woke = 16
  /// Of the guest that polls: wakes seen, its limit now, the longest, and the shortest, in cycles.
  static let seen = 24
  static let limit = 28
  static let most = 32
  static let start = 36

  /// `guest_halt_poll_grow_start`, in ns.
  static let growStart: UInt64 = 50_000

  static func size(vcpus: Int) -> Int { page * (1 + vcpus) }

  static func page(of vcpu: Int) -> Int { page * (1 + vcpu) }

  /// The vCPU's doorbell.
  static func port(of vcpu: Int) -> Int { 0x100 + vcpu }

  /// Where an interrupt of the vector goes: offset, segment 0.
  static let interruptTable: (offset: Int, entry: UInt32) = (4 * vector, UInt32(handler))

  /// What it does while there is nothing to do.
  static func loop(_ idle: Idle) -> [UInt8] {
    switch idle {
    case .halt:
      [
        0xfb,  // sti
        0xf4,  // hlt
        0xeb, 0xfd,  // jmp to hlt
      ]
    case .poll:
      [
        0xfb,  // sti
        0xf3, 0x90,  // pause
        0xeb, 0xfc,  // jmp to pause
      ]
    case .haltpoll: haltPoll
    }
  }

  /// The interrupt's handler: notes the time, computes if asked to, counts, and rings if asked to.
  static func answer(computes: Bool, rings: Bool) -> [UInt8] {
    // pushad … popad: who polls has its state in registers.
    [0x66, 0x60] + note + (computes ? compute : []) + count + (rings ? ring : [])
      + [0x66, 0x61, 0xcf]  // iret
  }

  private static let note: [UInt8] = [
    0x0f, 0x31,  // rdtsc
    0x66, 0xa3, UInt8(woke), 0,  // mov [woke], eax
    0x66, 0x89, 0x16, UInt8(woke + 4), 0,  // mov [woke + 4], edx
  ]

  private static let compute: [UInt8] = [
    0x0f, 0x31,  // rdtsc
    0x66, 0x89, 0xc6,  // mov esi, eax
    0x0f, 0x31,  // rdtsc
    0x66, 0x29, 0xf0,  // sub eax, esi
    0x66, 0x3b, 0x06, UInt8(cycles), 0,  // cmp eax, [cycles]
    0x72, 0xf4,  // jb to the second rdtsc
  ]

  private static let count: [UInt8] = [
    0x66, 0xff, 0x06, UInt8(answered), 0,  // inc dword [answered]
    0x64, 0x66, 0xc7, 0x06, 0xb0, 0, 0, 0, 0, 0,  // mov dword fs:[0xb0], 0: end of interrupt
  ]

  private static let ring: [UInt8] = [
    0x8b, 0x16, UInt8(port), 0,  // mov dx, [port]
    0xee,  // out dx, al
  ]
}
