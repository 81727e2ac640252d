#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

int linux_pipe(int ends[2], int capacity) {
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  int granted = fcntl(ends[1], F_SETPIPE_SZ, capacity);
  return granted > 0 ? granted : fcntl(ends[1], F_GETPIPE_SZ);
}

ssize_t linux_splice(int from, int to, size_t count, int without_waiting) {
  unsigned flags = SPLICE_F_MOVE | (without_waiting ? SPLICE_F_NONBLOCK : 0);
  return splice(from, NULL, to, NULL, count, flags);
}

ssize_t linux_copy(int from, off_t *from_at, int to, off_t *to_at, size_t count) {
  return copy_file_range(from, from_at, to, to_at, count, 0);
}

int linux_punch(int file, off_t at, off_t count) {
  return fallocate(file, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, at, count);
}

int linux_open_link(int folder, const char *name) {
  return openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

off_t linux_seek_data(int file, off_t at) { return lseek(file, at, SEEK_DATA); }

int linux_process(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int linux_signal(int process, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, process, signal, NULL, 0);
}

int linux_descriptor_of(int process, int descriptor) {
  return (int)syscall(SYS_pidfd_getfd, process, descriptor, 0);
}

void linux_allow_open_files(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void linux_give_freed_memory_back(void) {
#ifdef __GLIBC__
  // What lies at the top of a thread's heap is left by malloc_trim(); the next free() there gives it back.
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  malloc_trim(0);
#endif
}

void linux_keep_freed_memory(int size) {
#ifdef __GLIBC__
  // glibc takes no more than half a heap of a thread's (32 MiB); beyond that, blocks are mapped.
  const int most_unmapped = 32 << 20;
  mallopt(M_MMAP_THRESHOLD, size < most_unmapped ? size : most_unmapped);
  mallopt(M_TRIM_THRESHOLD, size);
#else
  (void)size;
#endif
}

int linux_allowed_cpus(void) {
  // The kernel refuses a mask that is shorter than its own (sched_getaffinity(2)).
  for (int most = 1024; most <= 1 << 20; most *= 4) {
    cpu_set_t *set = CPU_ALLOC(most);
    if (!set) return -1;
    int result = sched_getaffinity(0, CPU_ALLOC_SIZE(most), set);
    int count = result == 0 ? CPU_COUNT_S(CPU_ALLOC_SIZE(most), set) : -1;
    CPU_FREE(set);
    if (result == 0 || errno != EINVAL) return count;
  }
  return -1;
}
