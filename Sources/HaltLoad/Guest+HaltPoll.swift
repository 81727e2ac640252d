extension Guest {
  /// Polls before it halts, as the governor haltpoll does: for as long as its limit, which a halt longer than
  /// the limit doubles and one longer than the longest limit halves.
  ///
  /// linux drivers/cpuidle/governors/haltpoll.c with grow 2, shrink 2 and allow_shrink Y, the rules of 6.9.
  static let haltPoll: [UInt8] = [
    0xfb,  // begin: sti
    0x66, 0xa1, UInt8(answered), 0,  // again: mov eax, [answered]
    0x66, 0xa3, UInt8(seen), 0,  // mov [seen], eax
    0x66, 0x8b, 0x0e, UInt8(limit), 0,  // mov ecx, [limit]
    0x66, 0x85, 0xc9,  // test ecx, ecx
    0x74, 0x1c,  // jz halt
    0x0f, 0x31,  // rdtsc
    0x66, 0x89, 0xc6,  // mov esi, eax
    0xf3, 0x90,  // spin: pause
    0x66, 0xa1, UInt8(answered), 0,  // mov eax, [answered]
    0x66, 0x3b, 0x06, UInt8(seen), 0,  // cmp eax, [seen]
    0x75, 0xdc,  // jne again
    0x0f, 0x31,  // rdtsc
    0x66, 0x29, 0xf0,  // sub eax, esi
    0x66, 0x39, 0xc8,  // cmp eax, ecx
    0x72, 0xe9,  // jb spin
    0xfa,  // halt: cli
    0x66, 0xa1, UInt8(answered), 0,  // mov eax, [answered]
    0x66, 0x3b, 0x06, UInt8(seen), 0,  // cmp eax, [seen]
    0x75, 0xc5,  // jne begin
    0x0f, 0x31,  // rdtsc
    0x66, 0x89, 0xc6,  // mov esi, eax
    0xfb,  // sti: an interrupt comes behind the hlt at the earliest
    0xf4,  // hlt
    0x0f, 0x31,  // rdtsc
    0x66, 0x29, 0xf0,  // sub eax, esi
    0x66, 0x3b, 0x06, UInt8(limit), 0,  // cmp eax, [limit]
    0x76, 0xb3,  // jbe again
    0x66, 0x3b, 0x06, UInt8(most), 0,  // cmp eax, [most]
    0x77, 0x1f,  // ja shrink
    0x66, 0xa1, UInt8(limit), 0,  // mov eax, [limit]
    0x66, 0x01, 0xc0,  // add eax, eax
    0x66, 0x3b, 0x06, UInt8(start), 0,  // cmp eax, [start]
    0x73, 0x04,  // jae to the next comparison
    0x66, 0xa1, UInt8(start), 0,  // mov eax, [start]
    0x66, 0x3b, 0x06, UInt8(most), 0,  // cmp eax, [most]
    0x76, 0x17,  // jbe store
    0x66, 0xa1, UInt8(most), 0,  // mov eax, [most]
    0xeb, 0x11,  // jmp store
    0x66, 0xa1, UInt8(limit), 0,  // shrink: mov eax, [limit]
    0x66, 0xd1, 0xe8,  // shr eax, 1
    0x66, 0x3b, 0x06, UInt8(start), 0,  // cmp eax, [start]
    0x73, 0x03,  // jae store
    0x66, 0x31, 0xc0,  // xor eax, eax
    0x66, 0xa3, UInt8(limit), 0,  // store: mov [limit], eax
    0xe9, 0x75, 0xff,  // jmp again
  ]
}
