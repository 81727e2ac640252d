// KVM's window rule for a vector of settings: `lanes` and `ratios` are vectors of as many, `vectors` is
// how many of them are in flight. Macros, since vectors as arguments depend on what the CPU can.
#ifndef POLLTRACE_RULE_LANES_H
#define POLLTRACE_RULE_LANES_H

#include <string.h>

// Names of one function for each kind of CPU, and which kind this one is.
#define JOIN(name, suffix) name##suffix
#define HAS_AVX512                                                            \
  (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && \
   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))

#define CHOOSE(mask, yes, no) ((mask) ? (yes) : (no))
#define SMALLER(a, b) __builtin_elementwise_min(a, b)
#define LARGER(a, b) __builtin_elementwise_max(a, b)

// Loads all settings into vectors of the names that LEAVE knows.
#define LOAD(settings)                                                             \
  lanes ceiling[vectors], factor[vectors], first[vectors], least[vectors];         \
  lanes most[vectors], grows_below[vectors], closes_below[vectors];                \
  ratios divisor[vectors];                                                         \
  memcpy(ceiling, (settings)->ceiling, sizeof ceiling);                            \
  memcpy(factor, (settings)->factor, sizeof factor);                               \
  memcpy(first, (settings)->first, sizeof first);                                  \
  memcpy(least, (settings)->least, sizeof least);                                  \
  memcpy(most, (settings)->most, sizeof most);                                     \
  memcpy(grows_below, (settings)->grows_below, sizeof grows_below);                \
  memcpy(closes_below, (settings)->closes_below, sizeof closes_below);             \
  memcpy(divisor, (settings)->divisor, sizeof divisor)

// What a halt of `block` ns leaves of the windows `now` of vector `v`, where it is `active`; none is
// longer than its ceiling.
#define LEAVE(v, now, block, active)                                                             \
  ({                                                                                             \
    /* Longer than the ceiling, and so than the window: shrink_halt_poll_ns(). Nothing is left of \
       nothing. */                                                                               \
    lanes shrunk =                                                                               \
        __builtin_convertvector(__builtin_convertvector(now, ratios) / divisor[v], lanes);       \
    shrunk &= shrunk >= closes_below[v];                                                         \
    lanes shrinks = (active) & ((block) > ceiling[v]);                                           \
    /* Between window and ceiling: grow_halt_poll_ns(). */                                       \
    lanes raised = LARGER((now) * factor[v], least[v]);                                          \
    lanes grown = SMALLER(CHOOSE((now) > 0, raised, first[v]), most[v]);                         \
    lanes raises = (active) & ((block) > (now)) & ((block) < grows_below[v]);                    \
    CHOOSE(raises, grown, CHOOSE(shrinks, shrunk, now));                                         \
  })

#endif
