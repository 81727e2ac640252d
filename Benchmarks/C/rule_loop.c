// The rule of 6.11 over random lengths of halts, one setting after the other, as plain C does it.
// usage: rule_loop HALTS SETTINGS
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct sums {
  uint64_t attempted, successful, success_ns, fail_ns;
};

static struct sums replay(const uint32_t *blocks, size_t count, uint32_t ceiling, uint32_t grow,
                          uint32_t grow_start, uint32_t shrink) {
  struct sums sums = {0};
  uint32_t window = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t block = blocks[i];
    if (window > ceiling) window = ceiling;
    if (window) {
      sums.attempted++;
      if (block <= window) {
        sums.successful++;
        sums.success_ns += block;
      } else {
        sums.fail_ns += window;
      }
    }
    if (block <= window) continue;
    if (window && block > ceiling) {
      window = shrink ? window / shrink : 0;
      if (window < grow_start) window = 0;
    } else if (window < ceiling && block < ceiling) {
      window *= grow;
      if (window < grow_start) window = grow_start;
    }
  }
  return sums;
}

int main(int argc, char **argv) {
  if (argc != 3) return 1;
  size_t count = strtoull(argv[1], NULL, 10);
  unsigned settings = strtoul(argv[2], NULL, 10);
  uint32_t *blocks = malloc(count * sizeof *blocks);
  if (!blocks) return 1;
  srand(1);
  for (size_t i = 0; i < count; i++)
    blocks[i] = (uint32_t)(120000 * -log((rand() + 1.0) / (RAND_MAX + 2.0)));
  uint64_t all = 0;
  for (unsigned i = 0; i < settings; i++) {
    struct sums sums = replay(blocks, count, 10000 * (i % 40 + 1), 2 + i % 3, 10000, 2 + i % 3);
    all += sums.attempted + sums.successful + sums.success_ns + sums.fail_ns;
  }
  printf("%llu\n", (unsigned long long)all);
  free(blocks);
  return 0;
}
