// The memory floor: maps a file and adds up its 64-bit words.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
  int file = open(argv[argc - 1], O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status)) return 1;
  const uint64_t *words = mmap(0, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  if (words == MAP_FAILED) return 1;
  uint64_t sum = 0;
  for (long i = 0; i < status.st_size / 8; i++) sum += words[i];
  printf("%lu\n", (unsigned long)sum);
}
