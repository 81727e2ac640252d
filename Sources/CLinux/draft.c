#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

// What ends a process that does not ask for it.
static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXCPU};
enum { ENDS = sizeof ends / sizeof *ends };

// The one draft there is. Written with the signals blocked in this thread, awaited in others.
static int draft_folder;
static char draft_name[256];
static atomic_int is_draft;
// Between making the file and noting it.
static atomic_int is_making;

void linux_remove_draft(void) {
  if (atomic_exchange(&is_draft, 0)) unlinkat(draft_folder, draft_name, 0);
}

static void end(int signal) {
  // That is another thread, which is not interrupted.
  while (atomic_load(&is_making)) continue;
  linux_remove_draft();
  // Blocked while it is handled: it ends the process on return.
  struct sigaction usual = {.sa_handler = SIG_DFL};
  sigaction(signal, &usual, NULL);
  raise(signal);
}

int linux_make_draft(int folder, const char *name, mode_t mode) {
  if (strlen(name) >= sizeof draft_name) {
    errno = ENAMETOOLONG;
    return -1;
  }
  sigset_t blocked, before;
  sigemptyset(&blocked);
  for (int i = 0; i < ENDS; i++) sigaddset(&blocked, ends[i]);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  atomic_store(&is_making, 1);
  for (int i = 0; i < ENDS; i++) {
    struct sigaction action = {.sa_handler = end}, old;
    if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
      sigaction(ends[i], &action, NULL);
  }
  // A limit of a file's size (ulimit -f) is met as a full disk is: the write fails.
  signal(SIGXFSZ, SIG_IGN);
  int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  int why = errno;
  if (file >= 0) {
    draft_folder = folder;
    strcpy(draft_name, name);
    atomic_store(&is_draft, 1);
  }
  atomic_store(&is_making, 0);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = why;
  return file;
}

void linux_keep_draft(void) { atomic_store(&is_draft, 0); }
