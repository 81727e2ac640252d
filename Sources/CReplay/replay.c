#include "replay.h"

#include "rule_lanes.h"

// Sums of this many lengths below 2^24 ns, less the sign, stay inside 32 bits.
enum { batch = 127 };

// Any CPU; the compiler splits a vector where the CPU's are shorter.
#define TARGET
#define WIDTH 8
#define NAME(name) JOIN(name, _any)
#include "replay_lanes.h"
#undef TARGET
#undef NAME

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2")))
#define NAME(name) JOIN(name, _avx2)
#include "replay_lanes.h"
#undef TARGET
#undef WIDTH
#undef NAME

#define TARGET __attribute__((target("avx2,avx512f,avx512bw,avx512dq,avx512vl")))
#define WIDTH 16
#define NAME(name) JOIN(name, _avx512)
#include "replay_lanes.h"
#endif

void replay_rule(const int32_t *blocks, size_t count, const struct replay_settings *settings,
                 struct replay_sums *sums) {
#if defined(__x86_64__)
  if (HAS_AVX512) {
    choose_avx512(blocks, count, settings, sums);
    return;
  }
  if (__builtin_cpu_supports("avx2")) {
    choose_avx2(blocks, count, settings, sums);
    return;
  }
#endif
  choose_any(blocks, count, settings, sums);
}
