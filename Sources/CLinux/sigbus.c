#define _GNU_SOURCE
#include "CLinux.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

// A path has 4,095 bytes at most (PATH_MAX, linux include/uapi/linux/limits.h).
enum { MAPPINGS = 64, MESSAGE = 4096 + 256 };

// Written before `start`, which is set last and cleared first: the handler may run at any time, also while
// another thread forgets its mapping, so nothing that it reads is ever freed.
static struct {
  _Atomic uintptr_t start;
  _Atomic size_t size;
  char message[MESSAGE];
  size_t length;
  atomic_flag taken;
} mappings[MAPPINGS];

static void explain(int signal, siginfo_t *info, void *context) {
  (void)context;
  uintptr_t at = (uintptr_t)info->si_addr;
  for (int i = 0; i < MAPPINGS; i++) {
    uintptr_t start = atomic_load(&mappings[i].start);
    if (start == 0 || at < start || at - start >= mappings[i].size) continue;
    linux_remove_draft();
    ssize_t written = write(STDERR_FILENO, mappings[i].message, mappings[i].length);
    (void)written;
    _exit(1);
  }
  // Not ours: the read is repeated, and ends the process in the usual way.
  struct sigaction usual = {.sa_handler = SIG_DFL};
  sigaction(signal, &usual, NULL);
}

void linux_explain_sigbus(void) {
  struct sigaction action = {.sa_sigaction = explain, .sa_flags = SA_SIGINFO};
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, NULL);
}

int linux_watch_mapping(const void *start, size_t size, const char *message) {
  for (int i = 0; i < MAPPINGS; i++) {
    if (atomic_flag_test_and_set(&mappings[i].taken)) continue;
    mappings[i].size = size;
    mappings[i].length = strnlen(message, MESSAGE);
    memcpy(mappings[i].message, message, mappings[i].length);
    atomic_store(&mappings[i].start, (uintptr_t)start);
    return i;
  }
  return -1;
}

void linux_forget_mapping(int number) {
  if (number < 0 || number >= MAPPINGS) return;
  atomic_store(&mappings[number].start, 0);
  atomic_flag_clear(&mappings[number].taken);
}
