#include "replay.h"

#include "rule_lanes.h"

// 16 settings a vector; the compiler splits it where the CPU's are shorter. Two are in flight, since
// each step of one waits for the step before.
enum { width = 16, vectors = replay_lanes / width };
typedef int32_t lanes __attribute__((ext_vector_type(width)));
typedef float ratios __attribute__((ext_vector_type(width)));

// Sums of this many lengths below 2^24 ns, less the sign, stay inside 32 bits.
enum { batch = 127 };

// What one halt does to 16 settings: the rule once, for as many vectors as are in flight.
#define STEP(v)                                                               \
  do {                                                                        \
    /* kvm_vcpu_halt(): the window is cut at the ceiling as the halt begins. */ \
    lanes now = SMALLER(window[v], ceiling[v]);                               \
    lanes open = now > 0, hit = open & (block <= now);                        \
    attempted[v] -= open;                                                     \
    successful[v] -= hit;                                                     \
    success[v] += hit & block;                                                \
    fail[v] += ~hit & now;                                                    \
    window[v] = LEAVE(v, now, block, ~(lanes){0});                            \
  } while (0)

static inline __attribute__((always_inline)) void replay(
    const int32_t *blocks, size_t count, const struct replay_settings *settings,
    struct replay_sums *sums) {
  LOAD(settings);
  lanes window[vectors] = {0};
  for (size_t start = 0; start < count; start += batch) {
    size_t end = start + batch < count ? start + batch : count;
    lanes attempted[vectors] = {0}, successful[vectors] = {0};
    lanes success[vectors] = {0}, fail[vectors] = {0};
    for (size_t index = start; index < end; index++) {
      lanes block = blocks[index] - (lanes){0};
      STEP(0);
      STEP(1);
    }
    for (int at = 0; at < replay_lanes; at++) {
      sums->attempted[at] += (uint32_t)attempted[at / width][at % width];
      sums->successful[at] += (uint32_t)successful[at / width][at % width];
      sums->success_ns[at] += (uint32_t)success[at / width][at % width];
      sums->fail_ns[at] += (uint32_t)fail[at / width][at % width];
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))) static void replay_avx512(
    const int32_t *blocks, size_t count, const struct replay_settings *settings,
    struct replay_sums *sums) {
  replay(blocks, count, settings, sums);
}

__attribute__((target("avx2"))) static void replay_avx2(
    const int32_t *blocks, size_t count, const struct replay_settings *settings,
    struct replay_sums *sums) {
  replay(blocks, count, settings, sums);
}
#endif

static void replay_any(const int32_t *blocks, size_t count,
                       const struct replay_settings *settings, struct replay_sums *sums) {
  replay(blocks, count, settings, sums);
}

void replay_rule(const int32_t *blocks, size_t count, const struct replay_settings *settings,
                 struct replay_sums *sums) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    replay_avx512(blocks, count, settings, sums);
    return;
  }
  if (__builtin_cpu_supports("avx2")) {
    replay_avx2(blocks, count, settings, sums);
    return;
  }
#endif
  replay_any(blocks, count, settings, sums);
}
