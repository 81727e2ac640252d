// The loop over halts, included once for each kind of CPU: TARGET is the function's attribute, NAME makes
// its name, WIDTH is how many settings a vector of that CPU holds. Four or two vectors are in flight,
// since each step of one waits for the step before.

static inline __attribute__((always_inline)) TARGET void NAME(replay)(
    const int32_t *blocks, size_t count, const struct replay_settings *settings,
    struct replay_sums *sums, const int by_share) {
  enum { width = WIDTH, vectors = replay_lanes / width };
  typedef int32_t lanes __attribute__((ext_vector_type(WIDTH)));
  typedef float ratios __attribute__((ext_vector_type(WIDTH)));
  LOAD(settings);
  lanes window[vectors] = {0};
  for (size_t start = 0; start < count; start += batch) {
    size_t end = start + batch < count ? start + batch : count;
    lanes attempted[vectors] = {0}, successful[vectors] = {0};
    lanes success[vectors] = {0}, fail[vectors] = {0};
    for (size_t index = start; index < end; index++) {
      lanes block = blocks[index] - (lanes){0};
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) {
        // kvm_vcpu_halt(): the window is cut at the ceiling as the halt begins.
        lanes now = SMALLER(window[v], ceiling[v]);
        lanes open = now > 0, longer = block > now, hit = open & ~longer;
        attempted[v] -= open;
        successful[v] -= hit;
        success[v] += hit & block;
        fail[v] += longer & now;
        window[v] = LEAVE(v, now, block, ~(lanes){0});
      }
    }
    for (int at = 0; at < replay_lanes; at++) {
      sums->attempted[at] += (uint32_t)attempted[at / width][at % width];
      sums->successful[at] += (uint32_t)successful[at / width][at % width];
      sums->success_ns[at] += (uint32_t)success[at / width][at % width];
      sums->fail_ns[at] += (uint32_t)fail[at / width][at % width];
    }
  }
}

TARGET static void NAME(choose)(const int32_t *blocks, size_t count,
                                const struct replay_settings *settings,
                                struct replay_sums *sums) {
  if (settings->shares_are_exact) NAME(replay)(blocks, count, settings, sums, 1);
  else NAME(replay)(blocks, count, settings, sums, 0);
}
