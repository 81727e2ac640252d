#include "schedule.h"

#include "rule_lanes.h"

// 8 settings a vector, their times in 64 bits; what waits for what in one vector leaves time for
// the others.
enum { width = 8, vectors = replay_lanes / width };
typedef int32_t lanes __attribute__((ext_vector_type(width)));
typedef uint32_t counts __attribute__((ext_vector_type(width)));
typedef float ratios __attribute__((ext_vector_type(width)));
typedef int64_t times __attribute__((ext_vector_type(width)));
// A wait this long is longer than all that it is compared with.
enum { far = 1 << 30 };

#define NARROW(a) __builtin_convertvector(a, lanes)
#define WIDE(a) __builtin_convertvector(a, times)
#define UNSIGNED(a) __builtin_convertvector((counts)(a), times)

// `RunQueue` of Sources/PollTraceReplay/Replay/RunQueue.swift.
struct run_queue {
  times entered, displaced_until;
  lanes displaced, holds_sleeper;
};

struct sums {
  lanes halts[vectors], polled[vectors], attempted[vectors], successful[vectors];
  lanes abandoned[vectors], success[vectors], fail[vectors], latency[vectors], late[vectors];
  times own[vectors];
};

// Where each setting is in its blocks of time.
struct places {
  int64_t limit[replay_lanes];  // of the block, or the stretch's end where that is sooner
  int32_t block[replay_lanes];
};

static void add(const struct sums *sums, const struct places *places,
                const struct schedule_stretch *stretch, int blocks,
                struct schedule_outcome *outcomes) {
  for (int lane = 0; lane < replay_lanes; lane++) {
    int v = lane / width, at = lane % width;
    struct schedule_outcome *outcome = &outcomes[lane * blocks + places->block[lane]];
    outcome->halts += sums->halts[v][at];
    outcome->attempted += sums->attempted[v][at];
    outcome->successful += sums->successful[v][at];
    outcome->abandoned += sums->abandoned[v][at];
    outcome->success_ns += sums->success[v][at];
    outcome->fail_ns += sums->fail[v][at];
    outcome->latency_ns += sums->latency[v][at] + sums->own[v][at] +
                           (int64_t)sums->polled[v][at] * stretch->poll_latency;
    outcome->late += sums->late[v][at] +
                     (stretch->poll_latency > stretch->late_after ? sums->polled[v][at] : 0);
  }
}

// Moves settings whose time has come to `began` on to the block of that time.
static void move(struct places *places, const struct schedule_stretch *stretch, int blocks,
                 const times *began) {
  for (int lane = 0; lane < replay_lanes; lane++) {
    int64_t now = began[lane / width][lane % width];
    if (now < places->limit[lane]) continue;
    int64_t block = (now - stretch->first_block) / stretch->block;
    if (block > blocks - 1) block = blocks - 1;
    if (block < places->block[lane]) block = places->block[lane];
    int64_t next = block == blocks - 1 ? INT64_MAX
                                       : stretch->first_block + (block + 1) * stretch->block;
    places->block[lane] = (int32_t)block;
    places->limit[lane] = now >= stretch->end     ? INT64_MAX
                          : next < stretch->end ? next
                                                : stretch->end;
  }
}

// Any CPU.
#define PICK(column, row)                                                               \
  (lanes){(column)[(row)[0]], (column)[(row)[1]], (column)[(row)[2]], (column)[(row)[3]], \
          (column)[(row)[4]], (column)[(row)[5]], (column)[(row)[6]], (column)[(row)[7]]}
#define TARGET
#define NAME(name) JOIN(name, _any)
#include "schedule_lanes.h"
#undef TARGET
#undef NAME
#undef PICK

#if defined(__x86_64__)
#include <immintrin.h>

// A column of 25 rows is four vectors: a permutation of each, and a choice, where loading row by row
// would take three times as long.
#define PICKER(name, features)                                                                \
  static inline __attribute__((always_inline, target(features))) lanes name(                  \
      const int32_t *column, lanes row) {                                                     \
    __m256i at = (__m256i)row;                                                                \
    const __m256i *part = (const __m256i *)column;                                            \
    lanes first = (lanes)_mm256_permutevar8x32_epi32(_mm256_loadu_si256(part), at);           \
    lanes second = (lanes)_mm256_permutevar8x32_epi32(_mm256_loadu_si256(part + 1), at);      \
    lanes third = (lanes)_mm256_permutevar8x32_epi32(_mm256_loadu_si256(part + 2), at);       \
    lanes last = column[24] - (lanes){0};                                                     \
    return row < 8 ? first : row < 16 ? second : row < 24 ? third : last;                     \
  }

#define AVX2 "avx2"
PICKER(pick_avx2, AVX2)
#define PICK pick_avx2
#define TARGET __attribute__((target(AVX2)))
#define NAME(name) JOIN(name, _avx2)
#include "schedule_lanes.h"
#undef TARGET
#undef NAME
#undef PICK

#define AVX512 "avx2,avx512f,avx512bw,avx512dq,avx512vl"
PICKER(pick_avx512, AVX512)
#define PICK pick_avx512
#define TARGET __attribute__((target(AVX512)))
#define NAME(name) JOIN(name, _avx512)
#include "schedule_lanes.h"
#undef TARGET
#undef NAME
#undef PICK
#endif

void replay_schedule(const struct schedule_stretch *stretch, enum schedule_source source,
                     const struct replay_settings *settings, int blocks, int32_t *windows,
                     struct schedule_outcome *outcomes) {
#if defined(__x86_64__)
  if (HAS_AVX512) {
    choose_avx512(stretch, source, settings, blocks, windows, outcomes);
    return;
  }
  if (__builtin_cpu_supports("avx2")) {
    choose_avx2(stretch, source, settings, blocks, windows, outcomes);
    return;
  }
#endif
  choose_any(stretch, source, settings, blocks, windows, outcomes);
}
