// KVM's window rule over the lengths of halts, many settings at once. The rule stands in
// Sources/PollTrace/Polling/PollWindow.swift, beside the kernel's source; a test compares the two.
#ifndef POLLTRACE_REPLAY_H
#define POLLTRACE_REPLAY_H

#include <stddef.h>
#include <stdint.h>

enum { replay_lanes = 32 };

// Settings in lanes. All lengths are in ns and below 2^24 (16.7 ms), where a division in single
// precision is exact; replay_rule must not be called with others.
struct replay_settings {
  int32_t ceiling[replay_lanes];
  int32_t factor[replay_lanes];     // halt_poll_ns_grow
  int32_t first[replay_lanes];      // where a closed window opens
  int32_t least[replay_lanes];      // what a grown window is raised to
  int32_t most[replay_lanes];       // what a grown window is cut to at once; INT32_MAX: not
  int32_t grows_below[replay_lanes];   // the ceiling; below all where grow leaves the window as it is
  float divisor[replay_lanes];      // halt_poll_ns_shrink; infinite where it closes the window
  float share[replay_lanes];        // 1 / divisor
  int32_t closes_below[replay_lanes];  // a shrunk window below this closes
  // Whether a window times its share is what the division gives: where all divisors are powers of two.
  // It takes a tenth less time.
  int32_t shares_are_exact;
};

struct replay_sums {
  uint64_t attempted[replay_lanes];
  uint64_t successful[replay_lanes];
  uint64_t success_ns[replay_lanes];
  uint64_t fail_ns[replay_lanes];
};

// Replays `count` halts of `blocks` ns (more than 2^31 - 1 counts as that) of one vCPU whose window
// is closed at first, and adds what each setting made of them to `sums`.
void replay_rule(const int32_t *blocks, size_t count, const struct replay_settings *settings,
                 struct replay_sums *sums);

#endif
